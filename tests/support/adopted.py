"""Small applications that are adopted into a rendered project."""

import re
import shutil
from pathlib import Path

from tests.support.documented_commands import ADOPTING
from tests.support.how_to_steps import insert
from tests.support.services import Service
from tests.support.variants import ROOT

# Runs Python of an application in its own environment.
OLD = "uv run -q --no-project --isolated --with-requirements requirements.txt python -W ignore"
# Creates a database on the server of `DATABASE_URL`, and prints its URL.
CREATE = """
import asyncio, os, asyncpg, sqlalchemy
async def run():
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    await connection.execute("CREATE DATABASE old")
    await connection.close()
asyncio.run(run())
url = sqlalchemy.make_url(os.environ["DATABASE_URL"]).set(database="old")
print(url.render_as_string(hide_password=False))
"""
QUERY = """
import asyncio, os, sys, asyncpg
async def run():
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    print([tuple(row) for row in await connection.fetch(sys.argv[1])])
    await connection.close()
asyncio.run(run())
"""
REVISION = "down_revision: str | Sequence[str] | None = "


def move_code(service: Service, name: str, models: str, routes: str) -> None:
    """Put the moved code of an application into a project, and the application beside it."""
    shutil.copytree(ROOT / f"tests/adopted_{name}", service.folder, dirs_exist_ok=True)
    shutil.copytree(ROOT / f"tests/existing_{name}", service.folder.parent / "old")
    main = service.folder / "src/app/main.py"
    insert(service.folder / "src/app/models/__init__.py", "from app.models.user", f"{models}\n")
    insert(main, "from app.api.v1.router import", f"{routes}\n")
    line = "    app.include_router(old_router)\n"
    insert(main, 'app.include_router(api_router, prefix="/api/v1")\n', line, after=True)


def connect_revisions(versions: Path, last: str) -> None:
    """Put `names.py` of the page after the last own revision, and `initial.py` after it."""
    text = (ROOT / ADOPTING).read_text("utf-8")
    (names,) = re.findall(r"```python\n(\"\"\"Rename a table.*?)^```$", text, re.M | re.S)
    names = re.sub(r"    op\.rename_table\(\"users.*\n", "", names)
    names = names.replace('    op.rename_table("members", "users")', "    pass")
    names = names.replace(f'{REVISION}"b7e4f0a91c2d"', f'{REVISION}"{last}"')
    (versions / "names.py").write_text(names)
    initial = versions / "initial.py"
    initial.write_text(initial.read_text().replace(f"{REVISION}None", f'{REVISION}"names"'))


def run_on_database(project: Service, script: str, **texts: str) -> str:
    """Run a shell script with a new database of the project's server as `URL`."""
    given = {"CREATE": CREATE, "QUERY": QUERY, "OLD": OLD, **texts}
    return project.run(
        *("env", *(f"{name}={text}" for name, text in given.items())),
        *("python", "-m", "dev", "bash", "-euc"),
        f'URL=$(python -c "$CREATE")\nexport DATABASE_URL=$URL\n{script}',
    )
