package app

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync"
)

// finalizing is a transport to a certificate authority. Package acme waits for a certificate at the address that the answer to the
// finalization of an order names in Location. Let's Encrypt does name it, RFC 8555 asks nobody to, and other authorities don't; but the
// answer to a new order names both addresses (section 7.4), so what is missing is put in here.
type finalizing struct {
	http.RoundTripper
	orders sync.Map // from where an order is finalized to where it is: strings
}

func (f *finalizing) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := f.RoundTripper.RoundTrip(r)
	if err != nil {
		return resp, err
	}
	at := resp.Header.Get("Location")
	if order, ok := f.orders.LoadAndDelete(r.URL.String()); ok && at == "" {
		resp.Header.Set("Location", order.(string))
	}
	if resp.StatusCode == http.StatusCreated && at != "" {
		body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		_ = resp.Body.Close()
		resp.Body = io.NopCloser(bytes.NewReader(body))
		var order struct{ Finalize string }
		if err == nil && json.Unmarshal(body, &order) == nil && order.Finalize != "" {
			f.orders.Store(order.Finalize, at)
		}
	}
	return resp, nil
}
