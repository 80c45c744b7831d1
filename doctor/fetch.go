package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"waitboard/internal/transport"
)

const (
	maxBody      = 5 << 20          // bytes
	maxTime      = 15 * time.Second // for an answer with its body
	maxRedirects = 5
)

// A fetcher requests pages. It may reach any address, loopback and private ones included, because the operator runs it.
type fetcher struct{ client *http.Client }

// badRedirect is the error for a redirect that is not followed.
type badRedirect string

func (r badRedirect) Error() string { return string(r) }

// An answer is a response, or why there is none.
type answer struct {
	url    *url.URL // after redirects
	status int
	header http.Header
	body   []byte
	cut    bool // the body is longer
	err    error
}

func newFetcher() *fetcher {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	return &fetcher{&http.Client{
		Transport: transport,
		Timeout:   maxTime,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			switch {
			case len(via) > maxRedirects:
				return badRedirect(fmt.Sprintf("more than %d redirects", maxRedirects))
			case r.URL.Scheme != "http" && r.URL.Scheme != "https":
				return badRedirect("a redirect to something that is not http or https")
			}
			return nil
		},
	}}
}

func (f *fetcher) close() { f.client.CloseIdleConnections() }

func (f *fetcher) get(ctx context.Context, address string, header map[string]string) (got answer) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return answer{err: err}
	}
	r.Header.Set("User-Agent", "waitboard-doctor")
	r.Header.Set("Accept", "text/html,*/*;q=0.8")
	for name, value := range header {
		r.Header.Set(name, value)
	}
	resp, err := f.client.Do(r)
	if err != nil {
		return answer{err: why(err)}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	got = answer{url: resp.Request.URL, status: resp.StatusCode, header: resp.Header, body: body}
	if err != nil {
		got.err = why(err)
	}
	if len(body) > maxBody {
		got.body, got.cut = body[:maxBody], true
	}
	return got
}

// why returns why a request failed, in the words of other commands.
func why(err error) error {
	var own badRedirect
	if errors.As(err, &own) {
		return own
	}
	return errors.New(transport.Failure(err).Detail)
}

// request fetches something of the service as a script of the page would, once.
func (v *visit) request(ctx context.Context, address string) answer {
	got, ok := v.answers[address]
	if !ok {
		got = v.fetcher.get(ctx, address, map[string]string{"Origin": origin(v.page.url)})
		v.answers[address] = got
	}
	return got
}
