"""Background jobs with PostgreSQL as the queue.

Use `task.task` to declare a task, and `Task.enqueue` to add a job to a transaction.
The tables of the queue belong to pgqueuer: only `schema` writes migrations for them.
"""
