package cluster

import "github.com/redis/go-redis/v9"

// The scripts run on the engine, each as a whole. They use nothing that Redis 6.2 and Valkey 7.2 lack.
var (
	// beat announces a replica. It returns the engine's time and the live replicas.
	// KEYS: replicas. ARGV: replica, milliseconds to live.
	beat = redis.NewScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if ARGV[1] ~= '' then redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 10)
return {time[1], time[2], redis.call('ZRANGE', KEYS[1], 0, -1)}`)

	// acquire takes leases that are free, each with a token above all that were seen. It returns a token for each, 0 for one that is held.
	// KEYS: lease and token of each source. ARGV: replica, milliseconds of a lease, milliseconds of a token, then the token seen of each.
	acquire = redis.NewScript(`
local out = {}
for i = 1, #KEYS / 2 do
  local lease, counter = KEYS[2*i-1], KEYS[2*i]
  out[i] = '0'
  if redis.call('EXISTS', lease) == 0 then
    local token = math.max(tonumber(redis.call('GET', counter) or '0'), tonumber(ARGV[3+i])) + 1
    out[i] = string.format('%d', token)
    redis.call('SET', counter, out[i], 'PX', ARGV[3])
    redis.call('SET', lease, ARGV[1] .. ':' .. out[i], 'PX', ARGV[2])
  end
end
return out`)

	// renew extends leases. It returns 1 for each that the replica holds, otherwise 0.
	// KEYS: lease, token and state of each source. ARGV: milliseconds of a lease, of a token and of a state, then the lease's value of each.
	renew = redis.NewScript(`
local out = {}
for i = 1, #KEYS / 3 do
  out[i] = 0
  if redis.call('GET', KEYS[3*i-2]) == ARGV[3+i] then
    redis.call('PEXPIRE', KEYS[3*i-2], ARGV[1])
    redis.call('PEXPIRE', KEYS[3*i-1], ARGV[2])
    redis.call('PEXPIRE', KEYS[3*i], ARGV[3])
    out[i] = 1
  end
end
return out`)

	// release ends leases that the replica holds, and wakes the others.
	// KEYS: lease of each source. ARGV: channel, then the lease's value of each, then the message of each.
	release = redis.NewScript(`
for i = 1, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[1+i] then
    redis.call('DEL', KEYS[i])
    redis.call('PUBLISH', ARGV[1], ARGV[1 + #KEYS + i])
  end
end
return 0`)

	// write changes fields of a state, and wakes the others. It returns the new revision, -1 if the lease is not the writer's, and -2 if the
	// state is not of the writer's token, so that the writer must send all fields.
	// KEYS: lease, state. ARGV: the lease's value, token, 1 for all fields, milliseconds of a state, channel, message, then fields and values.
	write = redis.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
local token, revision = redis.call('HGET', KEYS[2], 't'), redis.call('HGET', KEYS[2], 'r')
if token and tonumber(token) > tonumber(ARGV[2]) then return -1 end
if ARGV[3] == '1' then redis.call('DEL', KEYS[2]) elseif token ~= ARGV[2] then return -2 end
revision = tonumber(revision or '0') + 1
redis.call('HSET', KEYS[2], 't', ARGV[2], 'r', string.format('%d', revision))
for i = 7, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i+1]) end
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('PUBLISH', ARGV[5], ARGV[6])
return revision`)

	// note changes a notice, and wakes the others. Without text it removes the notice. It returns the new revision.
	// KEYS: notices. ARGV: the revision seen, milliseconds, channel, widget, value.
	note = redis.NewScript(`
local revision = math.max(tonumber(redis.call('HGET', KEYS[1], ':revision') or '0'), tonumber(ARGV[1])) + 1
redis.call('HSET', KEYS[1], ':revision', string.format('%d', revision))
if ARGV[5] == '' then redis.call('HDEL', KEYS[1], ARGV[4]) else redis.call('HSET', KEYS[1], ARGV[4], ARGV[5]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PUBLISH', ARGV[3], 'n')
return revision`)

	// restore writes all notices back to an engine that has an older revision, as one that restarted empty. It returns the revision.
	// KEYS: notices. ARGV: the revision, milliseconds, channel, then widgets and values.
	restore = redis.NewScript(`
local stored = tonumber(redis.call('HGET', KEYS[1], ':revision') or '0')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if stored >= tonumber(ARGV[1]) then return stored end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], ':revision', ARGV[1])
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i+1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PUBLISH', ARGV[3], 'n')
return tonumber(ARGV[1])`)
)
