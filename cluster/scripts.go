package cluster

import "github.com/redis/go-redis/v9"

// number is a function for scripts. It returns a token or revision; 0 for what another program has written.
const number = `
local function number(value)
  local n = type(value) == 'string' and tonumber(value) or 0
  if n >= 0 and n < 2^52 then return math.floor(n) end
  return 0
end`

// maxNumber is above all tokens and revisions: scripts compute with 53 bits.
const maxNumber = 1 << 52

// The scripts run on the engine, each as a whole. They use nothing that Redis 6.2 and Valkey 7.2 lack. They replace a key of ours to which
// another program has given another type: pcall then returns a table.
var (
	// beat announces a replica. It returns the engine's time and the live replicas.
	// KEYS: replicas. ARGV: replica, milliseconds to live.
	beat = redis.NewScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if type(redis.pcall('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)) == 'table' then redis.call('DEL', KEYS[1]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + ARGV[2] * 10, '+inf') -- of an engine whose clock was ahead
if ARGV[1] ~= '' then redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 10)
return {time[1], time[2], redis.call('ZRANGE', KEYS[1], 0, -1)}`)

	// acquire takes leases that are free, each with a token above all that were seen. It returns a token for each, 0 for one that is held.
	// KEYS: lease, token and state of each source. ARGV: replica, milliseconds of a lease and of a token, then the token seen of each.
	acquire = redis.NewScript(number + `
local out = {}
for i = 1, #KEYS / 3 do
  local lease, counter, state = KEYS[3*i-2], KEYS[3*i-1], KEYS[3*i]
  local held = redis.pcall('GET', lease)
  held = type(held) == 'string' and tonumber(string.match(held, '^[%w-]+:(%d+)$')) or 2^52
  out[i] = '0'
  if held >= 2^52 then
    local token = math.max(number(redis.pcall('GET', counter)), number(redis.pcall('HGET', state, 't')), number(ARGV[3+i])) + 1
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
  if redis.pcall('GET', KEYS[3*i-2]) == ARGV[3+i] then
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
  if redis.pcall('GET', KEYS[i]) == ARGV[1+i] then
    redis.call('DEL', KEYS[i])
    redis.call('PUBLISH', ARGV[1], ARGV[1 + #KEYS + i])
  end
end
return 0`)

	// write changes fields of a state, and wakes the others. It returns the new revision, -1 if the lease is not the writer's, and -2 if the
	// state is not of the writer's token, so that the writer must send all fields.
	// KEYS: lease, state. ARGV: the lease's value, token, 1 for all fields, milliseconds of a state, channel, message, then fields and values.
	write = redis.NewScript(number + `
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return -1 end
local token, revision = redis.pcall('HGET', KEYS[2], 't'), redis.pcall('HGET', KEYS[2], 'r')
if type(token) == 'table' then redis.call('DEL', KEYS[2]) end
if number(token) > number(ARGV[2]) then return -1 end
if ARGV[3] == '1' then redis.call('DEL', KEYS[2]) elseif token ~= ARGV[2] then return -2 end
revision = number(revision) + 1
redis.call('HSET', KEYS[2], 't', ARGV[2], 'r', string.format('%d', revision))
for i = 7, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i+1]) end
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('PUBLISH', ARGV[5], ARGV[6])
return revision`)

	// note changes a notice, and wakes the others. Without text it removes the notice. It returns the new revision, or -1 if the engine has lost
	// the one that the replica has seen.
	// KEYS: notices. ARGV: the revision seen, milliseconds, channel, widget, value.
	note = redis.NewScript(number + `
local revision = redis.pcall('HGET', KEYS[1], ':revision')
if type(revision) == 'table' then redis.call('DEL', KEYS[1]) end
if number(revision) < number(ARGV[1]) then return -1 end
revision = number(revision) + 1
redis.call('HSET', KEYS[1], ':revision', string.format('%d', revision))
if ARGV[5] == '' then redis.call('HDEL', KEYS[1], ARGV[4]) else redis.call('HSET', KEYS[1], ARGV[4], ARGV[5]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PUBLISH', ARGV[3], 'n')
return revision`)

	// restore writes all notices back to an engine that has an older revision, as one that restarted empty. It returns the revision.
	// KEYS: notices. ARGV: the revision, milliseconds, channel, then widgets and values.
	restore = redis.NewScript(number + `
local stored = number(redis.pcall('HGET', KEYS[1], ':revision'))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if stored >= number(ARGV[1]) then return stored end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], ':revision', ARGV[1])
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i+1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PUBLISH', ARGV[3], 'n')
return tonumber(ARGV[1])`)

	// try uses every command that waitboard needs, so that a missing permission shows at once.
	// KEYS: a key. ARGV: milliseconds, channel.
	try = redis.NewScript(`
local key = KEYS[1]
redis.call('SET', key, '', 'PX', ARGV[1])
redis.call('PEXPIRE', key, ARGV[1])
redis.call('GET', key)
redis.call('GETEX', key, 'PX', ARGV[1])
redis.call('MGET', key)
redis.call('DEL', key)
redis.call('HSET', key, 'field', '')
redis.call('PEXPIRE', key, ARGV[1])
redis.call('HGET', key, 'field')
redis.call('HGETALL', key)
redis.call('HDEL', key, 'field')
redis.call('ZADD', key, 1, 'member')
redis.call('PEXPIRE', key, ARGV[1])
redis.call('ZRANGE', key, 0, -1)
redis.call('ZREMRANGEBYSCORE', key, 0, 0)
redis.call('ZREM', key, 'member')
redis.call('PUBLISH', ARGV[2], '')
return redis.call('TIME')`)
)
