// Calls with the generated clients: `tsc` checks their types.
import { createItem, readItem, updateItem } from "./client";
import type { operations } from "./types";

type Item = operations["read_item"]["responses"]["200"]["content"]["application/json"];
type Conditions = operations["read_item"]["parameters"]["header"];

const conditions: Conditions = { "If-None-Match": '"1"' };

export async function changeItem(): Promise<Item | undefined> {
  const created = await createItem({ body: { name: "Tea", price: "19.99", quantity: 3 } });
  const id: string = created.data?.id ?? "";
  await updateItem({ path: { item_id: id }, headers: { "If-Match": '"1"' }, body: { quantity: 4 } });
  return (await readItem({ path: { item_id: id }, headers: conditions })).data;
}
