package cluster

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

var (
	errURL         = errors.New("cluster: the URL of the engine must be of the form redis://host:6379/0, rediss://…, or redis://sentinel:26379?master_name=…; write special characters of the password as in a URL, such as %2F for /")
	errClusterMode = errors.New("cluster: the engine runs in Redis Cluster mode, which waitboard doesn't support; use a single engine, with Sentinel if it must not fail")
)

// silent drops the client's own log, whose lines can't be turned off by other means. The loop logs what fails.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// connect returns a client. It doesn't retry: the loop does.
func connect(o Options) (redis.UniversalClient, error) {
	redis.SetLogger(silent{})
	parsed, err := url.Parse(o.URL)
	if err != nil {
		return nil, errURL // the cause would repeat the password
	}
	if parsed.Query().Has("master_name") {
		f, err := redis.ParseFailoverURL(o.URL)
		if err != nil {
			return nil, errURL
		}
		f.MaxRetries, f.DialerRetries, f.ContextTimeoutEnabled, f.DisableIdentity = -1, 1, true, true
		f.DialTimeout, f.ReadTimeout, f.WriteTimeout = tickTimeout, tickTimeout, tickTimeout
		f.TLSConfig = certificates(f.TLSConfig, o.TLS)
		return redis.NewFailoverClient(f), nil
	}
	s, err := redis.ParseURL(o.URL)
	if err != nil {
		return nil, errURL
	}
	s.MaxRetries, s.DialerRetries, s.ContextTimeoutEnabled, s.DisableIdentity = -1, 1, true, true
	s.DialTimeout, s.ReadTimeout, s.WriteTimeout = tickTimeout, tickTimeout, tickTimeout
	s.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled} // Valkey has none
	s.TLSConfig = certificates(s.TLSConfig, o.TLS)
	return redis.NewClient(s), nil
}

// secure reports whether the URL is for TLS.
func (o *Options) secure() bool { return strings.HasPrefix(o.URL, "rediss:") }

// certificates adds certificates to the configuration of a rediss URL.
func certificates(of, from *tls.Config) *tls.Config {
	if of != nil && from != nil {
		of.RootCAs, of.Certificates = from.RootCAs, from.Certificates
	}
	return of
}

// A Report is what Inspect found.
type Report struct {
	Evicts string        // the maxmemory-policy of an engine that may evict keys that have a TTL; empty: it doesn't
	Ahead  time.Duration // how far the clock of this machine is ahead of the engine's, if that is too far; 0: it isn't
}

// Inspect connects to an engine once, for the check of a configuration. Its error says what to do. It needs URL and Now.
func Inspect(ctx context.Context, o Options) (Report, error) {
	client, err := connect(o)
	if err != nil {
		return Report{}, err
	}
	defer func() { _ = client.Close() }()
	key := cmp.Or(o.Prefix, defaultPrefix) + ":try:" + newReplica("")
	report, err := inspect(ctx, client, key)
	if err == nil {
		report.Ahead, err = ahead(ctx, client, o.Now)
	}
	if err == nil {
		sub := client.Subscribe(ctx, key)
		defer func() { _ = sub.Close() }()
		_, err = sub.ReceiveTimeout(ctx, tickTimeout)
	}
	if err != nil {
		return report, explain(err, o.secure())
	}
	return report, nil
}

// ahead compares the clocks.
func ahead(ctx context.Context, client redis.UniversalClient, now func() time.Time) (time.Duration, error) {
	sent := now()
	at, err := client.Time(ctx).Result()
	if err != nil {
		return 0, err
	}
	if offset := between(sent, now()).Sub(at); offset.Abs() > maxOffset {
		return offset, nil
	}
	return 0, nil
}

// between returns the middle of two times: when a request was answered.
func between(sent, received time.Time) time.Time { return sent.Add(received.Sub(sent) / 2) }

// inspect finds out whether the engine can be used. It writes a key for a moment.
func inspect(ctx context.Context, client redis.UniversalClient, key string) (report Report, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*tickTimeout)
	defer cancel()
	mode, err := client.Info(ctx, "cluster").Result()
	if err != nil {
		return report, err
	}
	if strings.Contains(mode, "cluster_enabled:1") {
		return report, errClusterMode
	}
	memory, err := client.Info(ctx, "memory").Result()
	if err != nil {
		return report, err
	}
	for line := range strings.Lines(memory) {
		policy, ok := strings.CutPrefix(strings.TrimSpace(line), "maxmemory_policy:")
		if ok && policy != "noeviction" {
			report.Evicts = policy
		}
	}
	// After a failover behind one address, each idle connection leads to an engine that is read-only now. The client closes one at each error.
	for range 1 + client.PoolStats().IdleConns {
		if err = client.Set(ctx, key, "", tickTimeout).Err(); !redis.IsReadOnlyError(err) {
			break
		}
	}
	if err != nil {
		return report, err
	}
	return report, try.Run(ctx, client, []string{key}, tickTimeout.Milliseconds(), key).Err()
}
