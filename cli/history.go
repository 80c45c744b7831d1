package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"waitboard/config"
	"waitboard/internal/transport"
)

type historyCommand struct {
	Export exportCommand `cmd:"" help:"Print the history of a metric, or the waits that an estimate learned from, as CSV or JSON."`
	Import importCommand `cmd:"" help:"Add values from elsewhere, such as a report of the phone system."`
}

// A historyFlags names a metric with history, or an estimate.
type historyFlags struct {
	configFlag
	Widget string `required:"" placeholder:"ID" help:"The widget's ID."`
	Metric string `required:"" placeholder:"ID" help:"The metric's ID in the widget."`
}

type exportCommand struct {
	historyFlags
	Format string `default:"csv" enum:"csv,json" help:"The format: ${enum} (default: ${default})."`
}

type importCommand struct {
	historyFlags
	File string `arg:"" help:"A file whose first line is time,value, or time,wait,ahead for an estimate; times are in RFC 3339, waits in seconds. Or a .json file. - is standard input."`
}

const historyTimeout = 2 * time.Minute

// Run prints the rows of the running service.
func (c *exportCommand) Run(i *invocation) error {
	request, err := c.request(i, http.MethodGet, nil)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		request.Header.Set("Accept", "application/json")
	}
	response, err := answer(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	_, err = io.Copy(i.stdout, response.Body)
	return err
}

// Run sends a file to the running service.
func (c *importCommand) Run(i *invocation) error {
	var data []byte
	var err error
	if c.File == "-" {
		data, err = io.ReadAll(os.Stdin)
	} else {
		data, err = os.ReadFile(c.File)
	}
	if err != nil {
		return usageError{err}
	}
	request, err := c.request(i, http.MethodPost, data)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "text/csv")
	if strings.HasSuffix(strings.ToLower(c.File), ".json") || bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := answer(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	var done struct{ Rows, Hours, Waits *int }
	if err := json.NewDecoder(response.Body).Decode(&done); err != nil || done.Rows == nil {
		return errors.New("the service sent an unexpected answer")
	}
	switch {
	case done.Hours != nil:
		fmt.Fprintf(i.stdout, "%d rows read, %d hours added\n", *done.Rows, *done.Hours)
	case done.Waits != nil:
		fmt.Fprintf(i.stdout, "%d rows read, %d waits added\n", *done.Rows, *done.Waits)
	}
	return nil
}

// request returns a request to the admin listener of the running service.
func (c *historyFlags) request(i *invocation, method string, body []byte) (*http.Request, error) {
	cfg, err := config.Load(c.Config, i.env)
	if err != nil {
		return nil, err
	}
	n := slices.IndexFunc(cfg.Widgets, func(w config.Widget) bool { return w.ID == c.Widget })
	if n < 0 {
		var names []string
		for _, w := range cfg.Widgets {
			names = append(names, w.ID)
		}
		return nil, usageError{unknown("widget", c.Widget, names)}
	}
	var names []string
	for _, m := range cfg.Widgets[n].Metrics {
		names = append(names, m.ID)
	}
	if !slices.Contains(names, c.Metric) {
		return nil, usageError{unknown("metric", c.Metric, names)}
	}
	if cfg.Admin == "" {
		return nil, usageError{errors.New("the configuration has no admin listener, which this command uses")}
	}
	address := url.URL{Scheme: "http", Host: onThisMachine(cfg.Admin), Path: "/widgets/" + c.Widget + "/metrics/" + c.Metric + "/history"}
	request, err := http.NewRequestWithContext(i.ctx, method, address.String(), bytes.NewReader(body))
	if err == nil && cfg.AdminToken.Reveal() != "" {
		request.Header.Set("Authorization", "Bearer "+cfg.AdminToken.Reveal())
	}
	return request, err
}

// answer sends a request. An answer that is no success becomes an error.
func answer(request *http.Request) (*http.Response, error) {
	response, err := (&http.Client{Timeout: historyTimeout}).Do(request)
	if err != nil {
		return nil, fmt.Errorf("the service can't be reached at %s: %s; start it, because this command talks to it", request.URL.Host, transport.Failure(err).Detail)
	}
	if response.StatusCode == http.StatusOK {
		return response, nil
	}
	defer func() { _ = response.Body.Close() }()
	var problem struct{ Detail string }
	if json.NewDecoder(io.LimitReader(response.Body, 64<<10)).Decode(&problem) != nil || problem.Detail == "" {
		return nil, fmt.Errorf("the service answered with status %d", response.StatusCode)
	}
	return nil, errors.New(problem.Detail)
}
