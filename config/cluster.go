package config

import (
	"net/url"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Cluster connects several replicas. The zero Cluster is one process alone.
type Cluster struct {
	URL         Secret // of the engine, redis or rediss; it may hold a password
	Prefix      string // of all keys on the engine
	CA          []byte // PEM: certificates to trust in addition to the system's; nil for none
	Certificate []byte // PEM: the certificate that the engine asks for; nil for none
	Key         Secret // PEM, of the certificate
	Secret      Secret // encrypts certificates on the engine; empty for none
}

// On reports whether the configuration names an engine.
func (c Cluster) On() bool { return c.URL.Reveal() != "" }

// Equal reports whether both mean the same, secrets included.
func (c Cluster) Equal(other Cluster) bool {
	return c.URL.Equal(other.URL) && c.Prefix == other.Prefix && slices.Equal(c.CA, other.CA) &&
		slices.Equal(c.Certificate, other.Certificate) && c.Key.Equal(other.Key) && c.Secret.Equal(other.Secret)
}

// cluster checks how several replicas are connected.
func (c *checker) cluster(path string, in *FileCluster, automatic bool) (out Cluster) {
	if in == nil {
		return out
	}
	out = Cluster{URL: c.engineURL(path, in), Prefix: in.Prefix}
	if strings.Trim(in.Prefix, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
		c.add(path+".prefix", "holds other characters than letters, digits, - and _", "for example waitboard")
	}
	if in.CAFile != "" {
		out.CA = c.certificates(path+".ca_file", in.CAFile)
	}
	if c.clientPair(path) {
		out.Certificate, out.Key = c.keyPair(path+".client_cert_file", path+".client_key_file", in.ClientCertFile, in.ClientKeyFile)
	}
	secretPath := path + ".secret_env"
	switch {
	case !c.ok(secretPath):
		// reported already
	case c.has(secretPath):
		out.Secret = c.guarded(secretPath, in.SecretEnv, "WAITBOARD_CLUSTER_SECRET", "secret")
	case automatic:
		c.add(path, "needs secret_env, because tls.auto shares certificates through the engine",
			"name the environment variable with the secret that encrypts them; make one with: openssl rand -hex 32")
	}
	return out
}

// engineURL reads the address of the engine. Problems never repeat it.
func (c *checker) engineURL(path string, in *FileCluster) (out Secret) {
	envPath, filePath := path+".url_env", path+".url_file"
	const what, remedy = "URL", "such as redis://user:password@host:6379/0" //nolint:gosec // an example
	at := envPath
	switch hasEnv, hasFile := c.has(envPath), c.has(filePath); {
	case !c.ok(path, envPath, filePath):
		return out
	case hasEnv && hasFile:
		c.add(filePath, notWith+"url_env", "there is one engine; remove one of the two")
		return out
	case hasEnv:
		if !c.variable(envPath, in.URLEnv, "WAITBOARD_CLUSTER_URL", what) {
			return out
		}
		out = c.secretFromEnv(envPath, in.URLEnv, what, remedy)
	case hasFile:
		at = filePath
		data, ok := c.file(filePath, in.URLFile, maxKeyBytes)
		if !ok {
			return out
		}
		out = c.secret(filePath, string(data), "the file", what, remedy)
	default:
		c.add(path, "has no engine", "name the environment variable that holds its URL with url_env, or the file with url_file")
		return out
	}
	if out.Reveal() == "" {
		return out // reported already
	}
	if !isEngine(out.Reveal()) {
		c.add(at, "doesn't hold the URL of an engine", "it must be of the form redis://host:6379/0, rediss://host:6379/0, or redis://sentinel:26379?master_name=name")
	}
	return out
}

// isEngine reports whether a text is a URL from which the client of the engine takes everything: the number of the database and options, too.
func isEngine(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" || u.Host == "" {
		return false
	}
	if u.Query().Has("master_name") {
		_, err = redis.ParseFailoverURL(text)
	} else {
		_, err = redis.ParseURL(text)
	}
	return err == nil
}
