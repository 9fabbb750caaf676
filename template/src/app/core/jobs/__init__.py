"""Background jobs with PostgreSQL as the queue.

Call `task.task` to declare a task and `Task.enqueue` to add a job to a transaction.
Tables and statements of the queue are pgqueuer's: migrate them by `schema` only.
"""
