package config

import "strings"

// maxKeyBytes is far more than any key has, and little enough for a request header.
const maxKeyBytes = 4096

// source checks one source.
func (c *checker) source(e Entry[FileSource]) Source {
	in := e.Value
	s := Source{Name: e.ID, File: c.name, Mode: Mode(in.Mode), Interval: in.Interval, Timeout: in.Timeout}
	if in.URL != "" {
		s.URL = c.sourceURL(e.path+".url", in.URL)
	}
	read := c.key(e.path, in)
	s.Trouble = c.apart(func(c *checker) {
		if read != nil {
			s.Key = read(c)
		}
		if in.CAFile != "" {
			s.CA = c.certificates(e.path+".ca_file", in.CAFile)
		}
	})
	if s.Trouble != nil && in.CAFile != "" && s.CA == nil {
		s.Key = Secret{} // it could not be trusted
	}
	return s
}

// apart reads what is outside of the file, and returns the problems with that. They are no mistakes of the file: they concern one source.
func (c *checker) apart(read func(c *checker)) []Problem {
	inner := *c
	inner.report = newReport(c.report.file)
	inner.places, inner.lines, inner.spaced = c.places, c.lines, c.spaced
	read(&inner)
	c.files = inner.files
	inner.explainNoBreaks()
	return inner.problems
}

// sourceURL checks the address of an upstream.
func (c *checker) sourceURL(path, text string) string {
	base := c.baseURL(path, text, "https://chronicall.example.com:9080/rest")
	// With a slash added, so that /api/v10 is something else.
	if strings.Contains(base+"/", "/api/v1/") {
		c.add(path, "goes too far: /api/v1 is added by waitboard", "remove /api/v1 and all that follows")
	}
	return base
}

// key returns what reads a source's key, nil when the file is wrong about it. No problem repeats what stands in key_env or key_file, unless it can't be a key: people put the key itself there.
func (c *checker) key(path string, in FileSource) func(*checker) Secret {
	envPath, filePath := path+".key_env", path+".key_file"
	_, hasEnv := c.places[envPath]
	_, hasFile := c.places[filePath]
	switch {
	case !c.ok(path) || !c.ok(envPath) || !c.ok(filePath):
		// reported already
	case hasEnv && hasFile:
		c.add(filePath, "stands beside key_env", "a source has one key; remove one of the two")
	case hasEnv && !isVariable(in.KeyEnv):
		c.add(envPath, "is not the name of an environment variable", "write its name, such as CHRONICALL_KEY, and never the key itself")
	case hasEnv:
		return func(c *checker) Secret { return c.keyFromEnv(envPath, in.KeyEnv) }
	case hasFile:
		return func(c *checker) Secret { return c.keyFromFile(filePath, in.KeyFile) }
	case !c.reportedLiteralKey(path):
		c.add(path, "has no key", "name the environment variable that holds it with key_env, or the file with key_file")
	}
	return nil
}

// keyFromFile reads the key from a file of its own.
func (c *checker) keyFromFile(path, name string) Secret {
	data, ok := c.file(path, name, maxKeyBytes)
	if !ok {
		return Secret{}
	}
	return c.usableKey(path, "the file", string(data))
}

// reportedLiteralKey says whether the missing key is the one that was written into the file, so that one problem is enough.
func (c *checker) reportedLiteralKey(path string) bool {
	for _, p := range c.problems {
		if strings.HasPrefix(p.Path, path+".") && p.Message == isLiteral {
			return true
		}
	}
	return false
}

// keyFromEnv reads the key from the environment.
func (c *checker) keyFromEnv(path, name string) Secret {
	value, ok := c.env(name)
	if !ok {
		c.add(path, unset(name), "set it where waitboard is started, or use key_file")
		return Secret{}
	}
	return c.usableKey(path, "the environment variable", value)
}

// unsendable tells what no key or token holds, as both are sent in request headers.
func unsendable(r rune) bool { return r <= ' ' || r > '~' }

// usableKey checks a key, which is sent in a request header, and may have been saved with a line break after it.
func (c *checker) usableKey(path, where, text string) Secret {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		c.add(path, where+" is empty", "it must hold the key")
	case len(text) > maxKeyBytes || strings.ContainsFunc(text, unsendable):
		c.add(path, where+" holds something that cannot be a key", "a key is one line of letters, digits and signs, without spaces; copy it again")
	default:
		return NewSecret(text)
	}
	return Secret{}
}
