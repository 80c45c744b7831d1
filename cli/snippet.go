package cli

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"waitboard/config"
	"waitboard/locale"
	"waitboard/snippet"
	"waitboard/web"
)

type snippetCommand struct {
	configFlag
	Widget string `arg:"" help:"The widget's ID."`
	Kind   string `default:"all" enum:"all,element,script,iframe,image,link,address,email,react" help:"What to print: ${enum} (default: ${default})."`
	Metric string `placeholder:"ID" help:"Show this metric only; not in an iframe or image."`
	Layout string `default:"card" enum:"card,line,compact,bare" help:"Its layout: ${enum} (default: ${default})."`
	Theme  string `default:"auto" enum:"auto,light,dark" help:"Its colors: ${enum} (default: ${default}, those of the page or the visitor)."`
	Chart  string `default:"none" enum:"none,day,week" help:"A chart of typical waits below the widget: ${enum} (default: ${default}). An image for e-mail has none."`
	Locale string `placeholder:"TAG" help:"Its language (default: that of the page or the visitor)."`
	Pin    bool   `help:"Pin the script to this version, with a hash that browsers check; not in an iframe or image."`
	Live   bool   `help:"Show changes at once, by an event stream; visitors should reach the service by HTTP/2 or newer."`
}

// Run prints the HTML to paste. It polls no source and needs no key.
func (c *snippetCommand) Run(i *invocation) error {
	cfg, err := config.Load(c.Config, func(name string) (string, bool) {
		if value, ok := i.env(name); ok && value != "" {
			return value, true
		}
		return "not-needed", true
	})
	if err != nil {
		return err
	}
	o, err := c.options(cfg, i.stderr)
	if err != nil {
		return usageError{err}
	}
	if c.Kind != "all" {
		fmt.Fprintln(i.stdout, snippet.HTML(snippet.Kind(c.Kind), o))
		return nil
	}
	fmt.Fprintln(i.stdout, snippet.All(o))
	return nil
}

func (c *snippetCommand) options(cfg *config.Config, stderr io.Writer) (snippet.Options, error) {
	script := web.Script
	if c.Live {
		script = web.Live
	}
	o := snippet.Options{
		Base: cfg.PublicURL, Widget: c.Widget, Metric: c.Metric, Layout: c.Layout, Theme: c.Theme, Locale: c.Locale, Chart: c.Chart,
		Live: c.Live, Pin: c.Pin, Hash: script.Hash(), Integrity: script.Integrity(),
	}
	if o.Base == "" {
		o.Base = "http://" + onThisMachine(cfg.Listen)
		fmt.Fprintf(stderr, "waitboard: %s has no public_url, so the HTML is for pages on this machine only; set, for example, public_url: https://wait.example.com\n", c.Config)
	}
	if _, err := locale.New(c.Locale, nil); c.Locale != "" && err != nil {
		return o, fmt.Errorf("--locale: %w", err)
	}
	n := slices.IndexFunc(cfg.Widgets, func(w config.Widget) bool { return w.ID == c.Widget })
	if n < 0 {
		var names []string
		for _, w := range cfg.Widgets {
			names = append(names, w.ID)
		}
		return o, unknown("widget", c.Widget, names)
	}
	w := cfg.Widgets[n]
	o.Title = w.Title
	if l, err := locale.New(w.Locale, cfg.Phrases[locale.Language(w.Locale)]); err == nil {
		o.ChartTitle = l.Say(locale.UsualByHour)
	}
	o.Rows, o.Extras = w.Rows()
	o.Notice = w.Notice
	var names []string
	for _, m := range w.Metrics {
		names = append(names, m.ID)
	}
	if kind := snippet.Kind(c.Kind); c.Metric != "" && c.Kind != "all" && !kind.Scripted() {
		return o, fmt.Errorf("--metric: only the kinds element, script and react can show a single metric, not %s", kind)
	}
	if c.Metric != "" && !slices.Contains(names, c.Metric) {
		return o, unknown("metric", c.Metric, names)
	}
	return o, nil
}

// onThisMachine returns the address of a listener for programs on the same machine.
func onThisMachine(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("localhost", port)
	}
	return listen
}

// unknown returns the error for an unknown name, with the name that may have been meant.
func unknown(what, name string, known []string) error {
	if near := config.Near(name, known); near != "" {
		return fmt.Errorf("there is no %s %q; did you mean %s?", what, name, near)
	}
	const most = 10
	more := ""
	if len(known) > most {
		known, more = known[:most], " and others"
	}
	return fmt.Errorf("there is no %s %q; use one of %s", what, name, strings.Join(known, ", ")+more)
}
