package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"waitboard/chronicall"
	"waitboard/config"
	"waitboard/domain"
)

type discoverCommand struct {
	URL    string `required:"" placeholder:"URL" help:"The source's address, up to but not including /api/v1."`
	KeyEnv string `required:"" placeholder:"NAME" help:"The environment variable that holds the key."`
	CAFile string `type:"existingfile" placeholder:"FILE" help:"A PEM file with the certificate authority to trust."`

	ServerName     string `placeholder:"NAME" help:"The host name in the server's certificate, where it is not that of --url."`
	ClientCertFile string `type:"existingfile" placeholder:"FILE" help:"A PEM file with the certificate that the server demands of its clients."`
	ClientKeyFile  string `type:"existingfile" placeholder:"FILE" help:"A PEM file with the key of that certificate."`

	Timeout time.Duration `default:"10s" help:"How long to wait for the answer (default: ${default})."`
	Output  string        `short:"o" placeholder:"FILE" help:"A new file to write it to (default: standard output)."`
}

// Run prints or writes a configuration that serve accepts. Its comments list what the key may read.
func (c *discoverCommand) Run(i *invocation) error {
	source, err := c.source(i)
	if err != nil {
		return usageError{err}
	}
	client, err := chronicall.New(chronicall.Options{
		URL: source.URL, Key: source.Key, CA: source.CA, ServerName: source.ServerName, ClientCert: source.ClientCert, ClientKey: source.ClientKey,
		Timeout: c.Timeout, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	defer client.Close()
	infos, err := client.Metrics(i.ctx)
	if err != nil {
		return noList(err)
	}
	if len(infos) == 0 {
		return fmt.Errorf("the key in %s may read no metrics; assign some to the service user: API Enablement > Realtime Metric Access", c.KeyEnv)
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "# %s, %d metrics that the key in %s may read.\n", source.URL, len(infos), c.KeyEnv)
	fmt.Fprint(&text, "# Category values can be names of people: delete these comments before you share this file.\n#\n")
	listed := newTable(&text, "ID", "NAME", "CATEGORY TYPE", "CATEGORY VALUES")
	for _, info := range infos {
		listed.row(info.ID, info.Name, info.CategoryType, strings.Join(info.Categories, ", "))
	}
	listed.print("# ") // comments of the YAML that follows
	fmt.Fprintf(&text, "#\n# A configuration to start from:\n\n%s", starterConfig(c.starter(source.URL, suggest(infos))))
	if c.Output == "" {
		_, err := text.WriteTo(i.stdout)
		return err
	}
	if err := writeNew(c.Output, text.Bytes()); err != nil {
		return err
	}
	fmt.Fprintf(i.stdout, "Wrote %s. Next: waitboard check --config %[1]s\n", c.Output)
	return nil
}

// writeNew writes a new file. It never overwrites one, because people edit what discover wrote.
func writeNew(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) //nolint:gosec // the operator names it; with the usual permissions, since it holds no secret
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already and is unchanged; name another file with --output", path)
	}
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err != nil {
		_ = os.Remove(path) // half a file would mislead
	}
	return err
}

// noList returns why the source returned no list. Some failures mean something else than in a poll, which requests metrics.
func noList(err error) error {
	var failure *domain.Failure
	switch {
	case !errors.As(err, &failure):
		return err
	case failure.Cause == domain.Forbidden:
		return errors.New("the request is forbidden (status 403): the key's user may not read metrics, or a proxy or firewall before the server blocks this machine")
	case failure.Rejected():
		return errors.New("the API is not at this address; check the path of --url, which ends before /api/v1, often with /rest")
	}
	return fmt.Errorf("the source returned no list: %s", failure.Detail)
}

// suggest selects what most companies show: the wait, and the number of waiting callers.
func suggest(infos []domain.MetricInfo) []starterMetric {
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
func suggestion(id, label string, info domain.MetricInfo) starterMetric {
	m := starterMetric{id: id, label: label, metric: info.ID, comment: info.Name}
	if info.CategoryType == "GROUP" && len(info.Categories) > 0 {
		m.category = info.Categories[0]
	}
	return m
}

// starter returns a first configuration with the settings of the source.
func (c *discoverCommand) starter(url string, metrics []starterMetric) starter {
	return starter{url: url, keyEnv: c.KeyEnv, interval: "10s", metrics: metrics, optional: [][2]string{
		{"ca_file", c.CAFile}, {"server_name", c.ServerName}, {"client_cert_file", c.ClientCertFile}, {"client_key_file", c.ClientKeyFile},
	}}
}

// source checks the arguments like a configuration file, by writing one with them.
func (c *discoverCommand) source(i *invocation) (config.Source, error) {
	text := starterConfig(c.starter(c.URL, []starterMetric{{id: "m", metric: "M"}}))
	parsed, err := config.Parse("arguments", []byte(text), i.env)
	var bad *config.Error
	if !errors.As(err, &bad) {
		return parsed.Sources[0], err
	}
	var problems []string
	for _, p := range bad.Problems {
		flag := strings.ReplaceAll(p.Path[strings.LastIndex(p.Path, ".")+1:], "_", "-")
		hint := p.Hint
		if flag == "key-env" { // the file also has key_file, the arguments do not
			hint = "name the variable that holds the key, and set it; never give the key itself"
		}
		problems = append(problems, fmt.Sprintf("--%s: %s (%s)", flag, p.Message, hint))
	}
	return config.Source{}, errors.New(strings.Join(problems, "\n"))
}
