"""What it looks like when the broker cannot be reached."""

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

UNREACHABLE = (OperationalError, RedisError, ConnectionError)
