# Starts the cache of the stack. The password comes in by the environment and goes on as text to
# read, so that no list of processes shows it. What was not used for long is forgotten.
exec redis-server - --save '' --appendonly no --maxmemory 160mb --maxmemory-policy allkeys-lru "$@" <<END
requirepass "$REDISCLI_AUTH"
END
