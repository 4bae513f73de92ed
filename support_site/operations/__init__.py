"""What make and operators run: the first set-up, several processes as one, backups, audits, the rules for migrations.

Importing this package needs the standard library only: bootstrap.py runs before anything is installed.
"""
