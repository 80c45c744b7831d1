package config

import (
	"encoding/base64"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Webhook is an address that receives messages, in the order of the file.
type Webhook struct {
	Name             string        // its ID in the file
	URL              Secret        // https, or http with AllowPrivate; empty only if it can't be used, see Usable
	Secret           Secret        // whsec_ and base64; empty: messages are not signed
	When             []string      // level, state, stale, source; never empty
	Widgets          []string      // their IDs; nil for all
	For              time.Duration // how long a change must last
	Format           string        // json, slack, teams or ntfy
	Private          bool          // whether messages hold more than the public may see
	AllowPrivate     bool          // whether the address may be private
	EnvironmentProxy bool

	Trouble []Problem // why a file or a variable that it names can't be used, or a widget is unknown; nil for none. Previous contents stay in use
	Notes   []Problem
}

// Usable reports whether messages can be sent. If not, Trouble holds the reason.
func (w Webhook) Usable() bool { return w.URL.Reveal() != "" }

// Equal reports whether both mean the same, secrets included.
func (w Webhook) Equal(other Webhook) bool {
	same := w.URL.Equal(other.URL) && w.Secret.Equal(other.Secret)
	w.URL, other.URL, w.Secret, other.Secret = Secret{}, Secret{}, Secret{}, Secret{} // reflect can't compare them
	return same && reflect.DeepEqual(w, other)
}

// webhooks checks all webhooks. widgets are those of the file.
func (c *checker) webhooks(in Entries[FileWebhook], widgets []Widget) (all []Webhook) {
	for _, entry := range in {
		if c.full() {
			return nil
		}
		all = append(all, c.webhook(entry, widgets))
	}
	return all
}

func (c *checker) webhook(e Entry[FileWebhook], widgets []Widget) Webhook {
	in := e.Value
	out := Webhook{
		Name: e.ID, When: in.When, Widgets: in.Widgets, For: in.For, Format: in.Format,
		Private: in.Private, AllowPrivate: in.AllowPrivate, EnvironmentProxy: in.Proxy != "",
	}
	if out.When == nil {
		out.When = []string{"level", "state", "stale", "source"}
	}
	c.noRepeats(e.path+".when", in.When)
	c.noRepeats(e.path+".widgets", in.Widgets)
	readURL := c.fromOutside(e.path, "url", "URL", in.URLEnv, in.URLFile, "CHAT_HOOK", true)
	readSecret := c.fromOutside(e.path, "secret", "secret", in.SecretEnv, in.SecretFile, "HOOK_SECRET", false)
	out.Trouble, out.Notes = c.external(func(c *checker) {
		if readURL != nil {
			out.URL = c.webhookURL(e.path, readURL(c), in.AllowPrivate)
		}
		if readSecret == nil {
			return
		}
		if out.Secret = c.webhookSecret(e.path, readSecret(c)); out.Secret.Reveal() == "" {
			out.URL = Secret{} // a receiver would reject messages without a signature
		}
	})
	if len(c.patterns) == 0 { // else completeWebhooks knows the widgets
		c.unknownWidgets(e.path, in.Widgets, widgets)
	}
	return out
}

// completeWebhooks reports widgets that neither the file nor an included file has. It is not a mistake of the file: the included file may have one.
func (c *checker) completeWebhooks(config, last *Config) {
	for i := range config.Webhooks {
		h := &config.Webhooks[i]
		if len(c.patterns) > 0 {
			unknown, _ := c.external(func(c *checker) { c.unknownWidgets("webhooks."+h.Name, h.Widgets, config.Widgets) })
			h.Trouble = append(h.Trouble, unknown...)
		}
	}
	carryURLs(config.Webhooks, last)
}

// unknownWidgets reports names that no widget has.
func (c *checker) unknownWidgets(path string, names []string, widgets []Widget) {
	var known []string
	for _, w := range widgets {
		known = append(known, w.ID)
	}
	for i, name := range names {
		if itemPath := c.item(path+".widgets", i); c.ok(path+".widgets") && !slices.Contains(known, name) {
			c.add(itemPath, "is not the ID of a widget", didYouMean(name, known, "the IDs are the keys in widgets"))
		}
	}
}

// fromOutside returns a function that reads a secret from a variable or a file; nil: there is none, or its key has a mistake.
func (c *checker) fromOutside(path, key, what, env, file, example string, required bool) func(*checker) Secret {
	envPath, filePath := path+"."+key+"_env", path+"."+key+"_file"
	switch hasEnv, hasFile := c.has(envPath), c.has(filePath); {
	case !c.ok(path, envPath, filePath):
		// reported already
	case hasEnv && hasFile:
		c.add(filePath, notWith+key+"_env", "a webhook has one "+what+"; remove one of the two")
	case hasEnv && c.variable(envPath, env, example, what):
		return func(c *checker) Secret { return c.secretFromEnv(envPath, env, what, "copy it again") }
	case hasEnv:
		// reported by variable
	case hasFile:
		return func(c *checker) Secret {
			data, ok := c.file(filePath, file, maxKeyBytes)
			if !ok {
				return Secret{}
			}
			return c.secret(filePath, string(data), "the file", what, "copy it again")
		}
	case required && !c.has(path+"."+key):
		c.add(path, "has no "+what, "name the environment variable that holds it with "+key+"_env, or the file with "+key+"_file")
	}
	return nil
}

// origin returns the path of the key that names a secret.
func (c *checker) origin(path string) string {
	if c.has(path + "_file") {
		return path + "_file"
	}
	return path + "_env"
}

// webhookURL checks an address. Problems never repeat it.
func (c *checker) webhookURL(path string, text Secret, allowPrivate bool) Secret {
	if text.Reveal() == "" {
		return text // reported already
	}
	at := c.origin(path + ".url")
	parsed, err := url.Parse(text.Reveal())
	switch {
	case err != nil || parsed.Scheme != "https" && parsed.Scheme != "http" || parsed.Hostname() == "":
		c.add(at, "doesn't hold the URL of a webhook", "it must begin with https:// and a host name")
	case !possiblePort(parsed.Port()):
		c.add(at, "holds a URL with a port that doesn't exist", "a port is a number from 1 to 65535")
	case parsed.Scheme == "http" && !allowPrivate:
		c.add(at, "holds a URL with http, which anyone on the way can read", "use https, or set allow_private: true for an address in your own network")
	default:
		return text
	}
	return Secret{}
}

// possiblePort reports whether the port of a URL can exist. Empty: that of its scheme.
func possiblePort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil && port > 0
}

// webhookSecret checks a secret of Standard Webhooks. Problems never repeat it.
func (c *checker) webhookSecret(path string, text Secret) Secret {
	if text.Reveal() == "" {
		return text // reported already
	}
	encoded, prefixed := strings.CutPrefix(text.Reveal(), "whsec_")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if at := c.origin(path + ".secret"); !prefixed || err != nil || len(key) < 24 || len(key) > 64 {
		c.add(at, "doesn't hold a secret of the form whsec_ and 24 to 64 bytes in base64", "make one with: echo whsec_$(openssl rand -base64 32)")
		return Secret{}
	}
	return text
}

// carryURLs gives webhooks in trouble their previous URLs and secrets.
func carryURLs(hooks []Webhook, last *Config) {
	if last == nil {
		return
	}
	for i := range hooks {
		h := &hooks[i]
		n := slices.IndexFunc(last.Webhooks, func(before Webhook) bool { return before.Name == h.Name })
		if !h.Usable() && n >= 0 {
			h.URL, h.Secret = last.Webhooks[n].URL, last.Webhooks[n].Secret
		}
	}
}
