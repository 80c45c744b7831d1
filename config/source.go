package config

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"waitboard/internal/bom"
)

// maxKeyBytes is far longer than any key, and short enough for a request header.
const maxKeyBytes = 4096

// source checks one source.
func (c *checker) source(e Entry[FileSource]) Source {
	in := e.Value
	s := Source{Name: e.ID, File: c.included, KeyFrom: "key_env " + in.KeyEnv, Mode: Mode(in.Mode), Interval: in.Interval, Timeout: in.Timeout}
	if in.KeyFile != "" {
		s.KeyFrom = "key_file " + in.KeyFile
	}
	if in.URL != "" {
		s.URL = c.sourceURL(e.path+".url", in.URL)
	}
	if in.ServerName != "" {
		s.ServerName = c.serverName(e.path+".server_name", in.ServerName)
	}
	read, paired := c.key(e.path, in), c.clientPair(e.path)
	s.Trouble, s.Notes = c.external(func(c *checker) {
		if read != nil {
			s.Key = read(c)
		}
		if in.CAFile != "" {
			s.CA = c.certificates(e.path+".ca_file", in.CAFile)
		}
		if paired {
			s.ClientCert, s.ClientKey = c.keyPair(e.path+".client_cert_file", e.path+".client_key_file", in.ClientCertFile, in.ClientKeyFile)
		}
	})
	if s.Trouble != nil && (in.CAFile != "" && s.CA == nil || paired) {
		s.Key = Secret{} // without ca_file the server can't be trusted with it
	}
	return s
}

// external reads something outside of the file. It returns the problems, which concern one source and are no mistakes of the file,
// and the notes.
func (c *checker) external(read func(c *checker)) (problems, notes []Problem) {
	inner := *c
	inner.report = newReport(c.report.file)
	inner.places, inner.text = c.places, c.text
	read(&inner)
	c.files = inner.files
	inner.explainNoBreaks()
	return inner.problems, inner.notes
}

// serverName checks the name in a server's certificate.
func (c *checker) serverName(path, name string) string {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if _, err := netip.ParseAddr(name); err != nil && !isHostName(name) {
		c.add(path, "is not a host name", "for example chronicall.internal, without https:// and without a port")
	}
	return name
}

// clientPair reports whether waitboard has a certificate to present to a source or an engine.
func (c *checker) clientPair(path string) bool {
	certPath, keyPath := path+".client_cert_file", path+".client_key_file"
	switch hasCert, hasKey := c.has(certPath), c.has(keyPath); {
	case !c.ok(certPath, keyPath):
		// reported already
	case hasCert && !hasKey:
		c.add(certPath, "needs client_key_file", "name the file with the key of the certificate")
	case hasKey && !hasCert:
		c.add(keyPath, "needs client_cert_file", "name the file with the certificate of the key")
	default:
		return hasCert
	}
	return false
}

// sourceURL checks the address of an upstream.
func (c *checker) sourceURL(path, text string) string {
	base := c.baseURL(path, text, "https://chronicall.example.com:9080/rest")
	if strings.Contains(base+"/", "/api/v1/") { // and not /api/v10
		c.add(path, "must end before /api/v1, which waitboard adds", "remove /api/v1 and all that follows")
	}
	return base
}

// key returns a function that reads a source's key, nil when the file is wrong about it.
func (c *checker) key(path string, in FileSource) func(*checker) Secret {
	envPath, filePath := path+".key_env", path+".key_file"
	switch hasEnv, hasFile := c.has(envPath), c.has(filePath); {
	case !c.ok(path, envPath, filePath):
		// reported already
	case hasEnv && hasFile:
		c.add(filePath, notWith+"key_env", "a source has one key; remove one of the two")
	case hasEnv && c.variable(envPath, in.KeyEnv, "CHRONICALL_KEY", "key"):
		return func(c *checker) Secret { return c.secretFromEnv(envPath, in.KeyEnv, "key", "copy it again") }
	case hasEnv:
		// reported by variable
	case hasFile:
		return func(c *checker) Secret { return c.secretFromFile(filePath, in.KeyFile) }
	case !slices.ContainsFunc(c.problems, func(p Problem) bool { return strings.HasPrefix(p.Path, path+".") && p.Message == isLiteral }):
		c.add(path, "has no key", "name the environment variable that holds it with key_env, or the file with key_file")
	}
	return nil
}

// secretFromFile reads a key from a file.
func (c *checker) secretFromFile(path, name string) Secret {
	data, ok := c.file(path, name, maxKeyBytes)
	if !ok {
		return Secret{}
	}
	return c.secret(path, string(data), "the file", "key", "copy it again")
}

// secretFromEnv reads a secret from the environment. what is key or token.
func (c *checker) secretFromEnv(path, name, what, remedy string) Secret {
	value, ok := c.env(name)
	if !ok {
		c.add(path, unset(name), "set it where waitboard starts")
		return Secret{}
	}
	plain, _ := bom.Decode([]byte(value))
	return c.secret(path, string(plain), "the environment variable", what, remedy)
}

// secret checks a key or token. It removes what editors and programs add: a line break, quotes, and the name of a variable.
func (c *checker) secret(path, text, where, what, remedy string) Secret {
	text = strings.TrimSpace(text)
	bare := bareSecret(text)
	unsendable := func(r rune) bool { return r <= ' ' || r > '~' } // in a request header
	switch {
	case bare == "":
		c.add(path, where+" is empty", "it must hold the "+what+"; "+remedy)
	case len(bare) > maxKeyBytes || strings.ContainsFunc(bare, unsendable):
		c.add(path, where+" does not hold a "+what, "a "+what+" is one line of letters, digits and signs, without spaces; "+remedy)
	default:
		if bare != text {
			c.note(path, where+" holds more than the "+what+": quotes, the name of a variable, or Bearer; they are ignored", "remove all but the "+what)
		}
		return NewSecret(bare)
	}
	return Secret{}
}

// assignment matches what precedes a secret in a file of variables, or in a request header. The name must be one of a secret,
// because a secret may hold an equals sign itself.
var assignment = regexp.MustCompile(`^(?:(?:export\s+|set\s+)?(?i:\w*(?:KEY|TOKEN|SECRET|CHRONICALL)\w*)\s*=\s*|(?i:authorization:\s*)?(?i:bearer)\s+)(.*[^=].*)$`)

// bareSecret returns a secret without quotes, and without the name of the variable.
func bareSecret(text string) string {
	if found := assignment.FindStringSubmatch(text); found != nil {
		text = found[1]
	}
	for _, quotes := range []struct{ open, end string }{{`"`, `"`}, {`'`, `'`}, {"`", "`"}, {"“", "”"}, {"‘", "’"}} {
		if inner, ok := strings.CutPrefix(text, quotes.open); ok && len(inner) >= len(quotes.end) && strings.HasSuffix(inner, quotes.end) {
			return strings.TrimSpace(strings.TrimSuffix(inner, quotes.end))
		}
	}
	return text
}

// variable checks the name of an environment variable. Problems never repeat it: people put the secret itself there.
func (c *checker) variable(path, name, example, what string) bool {
	if isVariable(name) {
		return true
	}
	c.add(path, "is not the name of an environment variable", "write its name, such as "+example+", and never the "+what+" itself")
	return false
}
