package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"waitboard/chronicall"
	"waitboard/config"
	"waitboard/wait"
)

type discoverCommand struct {
	URL     string        `required:"" placeholder:"URL" help:"The source's address, up to, not including, /api/v1."`
	KeyEnv  string        `required:"" placeholder:"NAME" help:"The environment variable that holds the key."`
	CAFile  string        `type:"existingfile" placeholder:"FILE" help:"A PEM file with the certificate authority to trust."`
	Timeout time.Duration `default:"10s" help:"How long to wait for the answer (default: ${default})."`
}

// Run prints a file that serve accepts: what the key may read stands in its comments.
func (c *discoverCommand) Run(i *invocation) error {
	source, err := c.source(i)
	if err != nil {
		return usageError{err}
	}
	client, err := chronicall.New(chronicall.Options{
		URL: source.URL, Key: source.Key, CA: source.CA, Timeout: c.Timeout, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	defer client.Close()
	infos, err := client.Metrics(i.ctx)
	if err != nil {
		return noList(err)
	}
	fmt.Fprintf(i.stdout, "# %s, %d metrics that the key in %s may read.\n", source.URL, len(infos), c.KeyEnv)
	fmt.Fprint(i.stdout, "# Category values can be names of people: delete these comments before you share this file.\n#\n")
	listed := newTable(i.stdout, "ID", "NAME", "CATEGORY TYPE", "CATEGORY VALUES")
	for _, info := range infos {
		listed.row(info.ID, info.Name, info.CategoryType, strings.Join(info.Categories, ", "))
	}
	listed.print("# ") // comments of the YAML that follows
	if len(infos) == 0 {
		fmt.Fprintln(i.stdout, "# None. Assign metrics to the service user: API Enablement > Realtime Metric Access.")
		return nil
	}
	fmt.Fprintf(i.stdout, "#\n# A configuration to start from:\n\n%s", starterConfig(starter{
		url: source.URL, keyEnv: c.KeyEnv, caFile: c.CAFile, interval: "10s", metrics: suggest(infos),
	}))
	return nil
}

// noList says why there is no list. That no metric was asked for makes another meaning of some answers.
func noList(err error) error {
	var failure *wait.Failure
	switch {
	case !errors.As(err, &failure):
		return err
	case failure.Cause == wait.Forbidden:
		return errors.New("the request is forbidden (status 403): the key's user may not read metrics, or a proxy or firewall before the server lets nobody in from here")
	case failure.Rejected():
		return errors.New("nothing there answers like the API; is the path of --url right? It ends before /api/v1, often with /rest")
	}
	return fmt.Errorf("the source gives no list: %s", failure.Detail)
}

// suggest picks what most companies want to show: the wait, and the number of callers who wait.
func suggest(infos []wait.MetricInfo) []starterMetric {
	var out []starterMetric
	for _, want := range []struct{ id, label, name string }{
		{"wait", "Current wait time", "wait time"},
		{"waiting", "Calls in queue", "queue"},
	} {
		for _, info := range infos {
			if strings.Contains(strings.ToLower(info.Name), want.name) {
				out = append(out, suggestion(want.id, want.label, info))
				break
			}
		}
	}
	if len(out) == 0 {
		out = append(out, suggestion("first", infos[0].Name, infos[0]))
	}
	return out
}

// suggestion shows all categories together, unless they are groups: of those it shows the first.
func suggestion(id, label string, info wait.MetricInfo) starterMetric {
	m := starterMetric{id: id, label: label, metric: info.ID, comment: info.Name}
	if info.CategoryType == "GROUP" && len(info.Categories) > 0 {
		m.category = info.Categories[0]
	}
	return m
}

// source checks the arguments as the configuration file would be checked, by making one of them.
func (c *discoverCommand) source(i *invocation) (config.Source, error) {
	text := starterConfig(starter{url: c.URL, keyEnv: c.KeyEnv, caFile: c.CAFile, interval: "10s", metrics: []starterMetric{{id: "m", metric: "M"}}})
	parsed, err := config.Parse("arguments", []byte(text), i.env)
	var bad *config.Error
	if !errors.As(err, &bad) {
		return parsed.Sources[0], err
	}
	var problems []string
	for _, p := range bad.Problems {
		flag := strings.ReplaceAll(p.Path[strings.LastIndex(p.Path, ".")+1:], "_", "-")
		hint := p.Hint
		if flag == "key-env" { // the file knows another way, the arguments don't
			hint = "name the variable that holds the key, and set it; never give the key itself"
		}
		problems = append(problems, fmt.Sprintf("--%s: %s (%s)", flag, p.Message, hint))
	}
	return config.Source{}, errors.New(strings.Join(problems, "\n"))
}
