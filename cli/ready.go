package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"waitboard/internal/transport"
)

type readyCommand struct {
	URL string `arg:"" default:"http://127.0.0.1:8080" help:"Where the service listens (default: ${default})."`
}

// readyTimeout is how long an answer may take that is not asked of anyone but the process itself.
const readyTimeout = 3 * time.Second

// Run asks what a load balancer asks, for those who have no program for that at hand, as in a container. It reads no configuration: a mistake in
// a changed file is no reason to restart a service that goes on with the old one.
func (c *readyCommand) Run(i *invocation) error {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return usageError{errors.New("the service needs an address that begins with http:// or https://")}
	}
	u = u.JoinPath("readyz")
	u.RawQuery, u.Fragment = "", ""
	ctx, cancel := context.WithTimeout(i.ctx, readyTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return usageError{errors.New("the service has no usable address")}
	}
	resp, err := new(http.Client).Do(request)
	if err != nil {
		return fmt.Errorf("the service does not answer: %s", transport.Failure(err).Detail)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the service is not fit for traffic: it answers %d at /readyz", resp.StatusCode)
	}
	_, err = fmt.Fprintln(i.stdout, "ready")
	return err
}
