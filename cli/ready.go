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
	URL string `arg:"" default:"http://127.0.0.1:8080" help:"The address of the service (default: ${default})."`
}

// readyTimeout limits the request. The service answers it without its sources.
const readyTimeout = 3 * time.Second

// Run sends the request of a load balancer, for containers without curl. It reads no configuration: a mistake in a changed file is no
// reason to restart a service that continues with the previous one.
func (c *readyCommand) Run(i *invocation) error {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return usageError{errors.New("the service needs an address that starts with http:// or https://")}
	}
	u = u.JoinPath("readyz")
	u.RawQuery, u.Fragment = "", ""
	ctx, cancel := context.WithTimeout(i.ctx, readyTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return usageError{errors.New("the address of the service is not usable")}
	}
	resp, err := new(http.Client).Do(request)
	if err != nil {
		return fmt.Errorf("the service can't be reached: %s", transport.Failure(err).Detail)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the service is not ready for traffic: /readyz returned status %d", resp.StatusCode)
	}
	_, err = fmt.Fprintln(i.stdout, "ready")
	return err
}
