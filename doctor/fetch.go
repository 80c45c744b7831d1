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

// A fetcher asks for pages. It goes wherever the operator who runs it may go, loopback and private addresses included.
type fetcher struct{ client *http.Client }

// A refusal is a redirect that is not followed.
type refusal string

func (r refusal) Error() string { return string(r) }

// An answer is what came back.
type answer struct {
	url    *url.URL // after redirects
	status int
	header http.Header
	body   []byte
	cut    bool // there was more
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
				return refusal(fmt.Sprintf("more than %d redirects", maxRedirects))
			case r.URL.Scheme != "http" && r.URL.Scheme != "https":
				return refusal("a redirect to something that is not http or https")
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

// why is why there is no answer, in the words that other commands have for it.
func why(err error) error {
	var own refusal
	if errors.As(err, &own) {
		return own
	}
	return errors.New(transport.Failure(err).Detail)
}

// ask fetches something of the service as a script of the page would, once.
func (v *visit) ask(ctx context.Context, address string) answer {
	got, ok := v.asked[address]
	if !ok {
		got = v.fetcher.get(ctx, address, map[string]string{"Origin": origin(v.page.url)})
		v.asked[address] = got
	}
	return got
}
