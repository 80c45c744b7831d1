package config

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// checker makes a Config of a File and reports what the tags in file.go cannot say.
type checker struct {
	*report
	folder   string // of the configuration file
	env      func(string) (string, bool)
	files    []string // those read so far
	patterns []string // of include
	name     string   // of the included file that is checked; "" for the configuration file
	defaults defaults // of all widgets
	// What many widgets ask for again and again.
	zones     map[string]*time.Location // those looked up so far, nil for none of that name
	languages map[string]bool           // those looked up so far, and whether they are supported
	sources   []Source                  // of the file
	shared    []Source                  // of the file that includes it
	byName    map[string]int            // where each of them is, sources before shared
}

func newChecker(r *report, folder string, env func(string) (string, bool)) *checker {
	return &checker{report: r, folder: folder, env: env, zones: map[string]*time.Location{}, languages: map[string]bool{}, byName: map[string]int{}}
}

// config checks everything. The answer is worth something only while the report is empty.
func (c *checker) config(file *File) *Config {
	if file == nil {
		return nil
	}
	config := &Config{Listen: file.Listen, Admin: file.Admin, NoGallery: !file.Gallery}
	c.address("listen", file.Listen)
	if file.Admin != "" {
		c.address("admin", file.Admin)
		if file.Admin == file.Listen {
			c.add("admin", "is the same as listen", "operators need an address of their own; admin: \"\" turns it off")
		}
	}
	config.AdminToken = c.adminToken(file)
	if file.DataDir != "" {
		config.DataDir = c.dataDir("data_dir", file.DataDir)
	}
	config.TLS, config.H2C = c.tls("tls", file.TLS, config.DataDir), file.H2C
	if file.H2C && file.TLS != nil {
		c.add("h2c", "stands beside tls", "HTTP/2 is part of TLS already; remove h2c")
	}
	if file.PublicURL != "" {
		config.PublicURL = c.baseURL("public_url", file.PublicURL, "https://wait.example.com")
	} else if len(config.TLS.Auto) > 0 {
		config.PublicURL = "https://" + config.TLS.Auto[0]
	}
	c.locale("locale", file.Locale)
	c.defaults = c.defaultsOf(file)
	config.Phrases = c.phrases("phrases", file.Phrases)
	config.RateLimit = c.rateLimit("rate_limit", file.RateLimit)
	config.Events = c.events(file.Events)
	config.TrustedProxies = c.trustedProxies("trusted_proxies", file.TrustedProxies)
	c.patterns = c.includePatterns("include", file.Include)
	if !c.has("include") {
		for _, section := range []string{"sources", "widgets"} {
			if !c.has(section) {
				c.add(section, isMissing, "at least one is needed")
			}
		}
	}
	config.Sources, config.Widgets = c.contents(file.Sources, file.Widgets)
	return config
}

// contents checks the sources and widgets of a file.
func (c *checker) contents(sources Entries[FileSource], widgets Entries[FileWidget]) ([]Source, []Widget) {
	for _, entry := range sources {
		c.byName[entry.ID] = len(c.sources)
		c.sources = append(c.sources, c.source(entry))
	}
	for i, s := range c.shared {
		if _, own := c.byName[s.Name]; !own {
			c.byName[s.Name] = len(c.sources) + i
		}
	}
	all := make([]Widget, 0, len(widgets))
	for _, entry := range widgets {
		if c.full() {
			return nil, nil
		}
		all = append(all, c.widget(entry))
	}
	return c.sources, all
}

// visible returns the source at a position of byName.
func (c *checker) visible(i int) *Source {
	if i < len(c.sources) {
		return &c.sources[i]
	}
	return &c.shared[i-len(c.sources)]
}

// noRepeats reports values that a list holds twice.
func (c *checker) noRepeats(path string, values []string) {
	seen := map[string]bool{}
	for _, value := range values {
		if seen[value] && value != "" { // empty: refused already
			c.add(path, "holds a value twice", "remove one of them")
			return
		}
		seen[value] = true
	}
}

// certificates reads a PEM file, which must hold certificates that can be used.
func (c *checker) certificates(path, name string) []byte {
	data, ok := c.file(path, name, 1<<20)
	if !ok {
		return nil
	}
	found := 0
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			c.add(path, "the file holds a damaged certificate", "export it again, as PEM")
			return nil
		}
		found++
	}
	if found == 0 {
		c.add(path, "the file holds no certificate", "it must be PEM text, with a line -----BEGIN CERTIFICATE-----")
		return nil
	}
	return data
}

// file reads a file that the configuration names, reporting why it cannot. Its text never becomes part of a problem.
func (c *checker) file(path, name string, limit int64) ([]byte, bool) {
	hint := ""
	if !filepath.IsAbs(name) {
		hint = "a relative path starts at the folder of the configuration file"
		if c.name != "" {
			hint = "a relative path starts at the folder of this file"
		}
	}
	name = c.located(name)
	c.files = append(c.files, name)
	data, err := readFile(name, limit)
	switch {
	case err != nil:
		c.add(path, "the file cannot be read: "+reason(err), hint)
	case int64(len(data)) > limit:
		c.add(path, "the file is too large to be what it should be", "")
	default:
		return data, true
	}
	return nil, false
}

// located is where a file that the configuration names is.
func (c *checker) located(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(c.folder, name)
}

var errNotRegular = errors.New("it is not a file")

// readFile reads at most one byte more than limit. What is not a plain file is refused before it is opened: opening a pipe would wait
// for someone to write to it.
func readFile(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	f, err := os.Open(name) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// reason is why a file cannot be read, in plain words and without its path, which may be a key put in the wrong place.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	case errors.Is(err, errNotRegular):
		return "it is a folder or a device, not a file"
	}
	if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return "reading failed"
}
