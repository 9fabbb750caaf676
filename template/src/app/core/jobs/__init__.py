"""Background jobs with PostgreSQL as the queue.

Use `task.task` to declare a task, and `Task.enqueue` to add a job to a transaction.
The tables and statements of the queue belong to pgqueuer: migrate them with `schema` only.
"""
