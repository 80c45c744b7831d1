package config

import (
	"slices"
	"strings"
)

// maxKeyBytes is far longer than any key, and short enough for a request header.
const maxKeyBytes = 4096

// source checks one source.
func (c *checker) source(e Entry[FileSource]) Source {
	in := e.Value
	s := Source{Name: e.ID, File: c.included, Mode: Mode(in.Mode), Interval: in.Interval, Timeout: in.Timeout}
	if in.URL != "" {
		s.URL = c.sourceURL(e.path+".url", in.URL)
	}
	read := c.key(e.path, in)
	s.Trouble = c.external(func(c *checker) {
		if read != nil {
			s.Key = read(c)
		}
		if in.CAFile != "" {
			s.CA = c.certificates(e.path+".ca_file", in.CAFile)
		}
	})
	if s.Trouble != nil && in.CAFile != "" && s.CA == nil {
		s.Key = Secret{} // without ca_file the server can't be trusted with it
	}
	return s
}

// external reads something outside of the file and returns the problems. They concern one source and are no mistakes of the file.
func (c *checker) external(read func(c *checker)) []Problem {
	inner := *c
	inner.report = newReport(c.report.file)
	inner.places, inner.text = c.places, c.text
	read(&inner)
	c.files = inner.files
	inner.explainNoBreaks()
	return inner.problems
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
	return c.secret(path, value, "the environment variable", what, remedy)
}

// secret checks a key or token. It removes the line break that an editor may have added.
func (c *checker) secret(path, text, where, what, remedy string) Secret {
	text = strings.TrimSpace(text)
	unsendable := func(r rune) bool { return r <= ' ' || r > '~' } // in a request header
	switch {
	case text == "":
		c.add(path, where+" is empty", "it must hold the "+what+"; "+remedy)
	case len(text) > maxKeyBytes || strings.ContainsFunc(text, unsendable):
		c.add(path, where+" does not hold a "+what, "a "+what+" is one line of letters, digits and signs, without spaces; "+remedy)
	default:
		return NewSecret(text)
	}
	return Secret{}
}

// variable checks the name of an environment variable. Problems never repeat it: people put the secret itself there.
func (c *checker) variable(path, name, example, what string) bool {
	if isVariable(name) {
		return true
	}
	c.add(path, "is not the name of an environment variable", "write its name, such as "+example+", and never the "+what+" itself")
	return false
}
