package config

import "time"

// checker makes a Config of a File. It checks what the tags in schema.go can't express.
type checker struct {
	*report
	folder   string // of the file that is checked
	env      func(string) (string, bool)
	files    []string                  // that the configuration names, read so far
	patterns []string                  // of include
	included string                    // the name of the included file that is checked; "" for the configuration file
	defaults defaults                  // for all widgets
	zones    map[string]*time.Location // loaded so far, nil for an unknown name
	sources  []Source                  // of the file that is checked
	shared   []Source                  // of the file that includes it
	byName   map[string]Source         // both; those of the file come first
}

func newChecker(r *report, folder string, env func(string) (string, bool)) *checker {
	return &checker{report: r, folder: folder, env: env, zones: map[string]*time.Location{}}
}

// config checks a whole file. The result is usable only if the report is empty.
func (c *checker) config(file *File) *Config {
	if file == nil {
		return nil
	}
	config := &Config{Listen: file.Listen, Admin: file.Admin, NoGallery: !file.Gallery, NoEmbeds: !file.Embeds, H2C: file.H2C, ShutdownDelay: file.ShutdownDelay}
	config.Private = file.Metrics != nil && file.Metrics.Private
	c.address("listen", file.Listen)
	if file.Admin != "" {
		c.address("admin", file.Admin)
		if file.Admin == file.Listen {
			c.add("admin", "is the same as listen", "operators need another address; admin: \"\" turns it off")
		}
	}
	config.AdminToken = c.adminToken(file)
	if file.DataDir != "" {
		config.DataDir = c.dataDir("data_dir", file.DataDir)
	}
	config.TLS = c.tls("tls", file.TLS, config.DataDir)
	config.Cluster = c.cluster("cluster", file.Cluster, file.TLS != nil && len(file.TLS.Auto) > 0)
	if file.H2C && file.TLS != nil {
		c.add("h2c", notWith+"tls", "TLS includes HTTP/2; remove h2c")
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
	config.Events = eventLimits(file.Events)
	config.TrustedProxies = c.trustedProxies("trusted_proxies", file.TrustedProxies)
	c.patterns = c.includePatterns("include", file.Include)
	if !c.has("include") {
		for _, section := range []string{"sources", "widgets"} {
			if !c.has(section) {
				c.add(section, isMissing, needsOne)
			}
		}
	}
	config.Sources, config.Widgets = c.contents(file.Sources, file.Widgets)
	config.Webhooks = c.webhooks(file.Webhooks, config.Widgets)
	return config
}

// contents checks the sources and widgets of a file.
func (c *checker) contents(sources Entries[FileSource], widgets Entries[FileWidget]) ([]Source, []Widget) {
	c.byName = map[string]Source{}
	for _, s := range c.shared {
		c.byName[s.Name] = s
	}
	for _, entry := range sources {
		s := c.source(entry)
		c.sources = append(c.sources, s)
		c.byName[s.Name] = s
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
