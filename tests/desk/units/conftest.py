from tests.desk.calls.conftest import send, take

__all__ = ["send", "take"]
