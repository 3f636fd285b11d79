"""What names a value in messages: a flag of the command, or a key of params.yaml."""


def named(flag: str, value: str, key: str, of_params: str) -> str:
    """`flag` if its `value` differs from that of params.yaml, otherwise the `key` there.

    >>> named("--log", "new.csv", "log.path", "old.csv"), named("--log", "old.csv", "log.path", "old.csv")
    ('--log', 'log.path in params.yaml')
    """
    return f"{key} in params.yaml" if value == of_params else flag
