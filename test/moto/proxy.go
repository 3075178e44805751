package moto

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Proxy forwards requests to moto, one at a time because the state of moto is not safe for
// concurrent requests (see Gaps). It counts the calls of the suite and can delay or withhold
// answers. It is safe for concurrent use.
type Proxy struct {
	// URL is the AWS endpoint for the suite and for account administrators.
	URL string

	server string
	mu     sync.Mutex // held during a request to moto

	counting    sync.Mutex // guards the following fields
	counted     *sync.Cond
	calls       Calls
	failures    map[string]int
	delay       time.Duration
	lostAnswers *LostAnswers
}

// administrator is the header of the calls of an account administrator, which are not
// counted. Moto reads the number of the account from it.
const administrator = "X-Moto-Account-Id"

// open starts a proxy to a server until the test ends.
func open(t *testing.T, address string, log func() string) *Proxy {
	t.Helper()
	proxy := &Proxy{server: "http://" + address, failures: make(map[string]int)}
	proxy.counted = sync.NewCond(&proxy.counting)
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("moto failed in %v; its log:\n%s", proxy.Failures(), log())
		}
	})
	proxy.URL = front.URL
	return proxy
}

// Delay delays the answer of every call of the suite.
func (p *Proxy) Delay(by time.Duration) {
	p.counting.Lock()
	defer p.counting.Unlock()
	p.delay = by
}

// Calls returns the calls of the suite so far.
func (p *Proxy) Calls() Calls {
	p.counting.Lock()
	defer p.counting.Unlock()
	return slices.Clone(p.calls)
}

// Await waits until reached returns true for the calls, and returns them. The test fails when
// ctx ends.
func (p *Proxy) Await(ctx context.Context, t *testing.T, reached func(Calls) bool) Calls {
	t.Helper()
	defer context.AfterFunc(ctx, p.counted.Broadcast)()
	p.counting.Lock()
	defer p.counting.Unlock()
	for !reached(p.calls) {
		require.NoError(t, ctx.Err(), "the expected calls did not happen: %s", p.calls)
		p.counted.Wait()
	}
	return slices.Clone(p.calls)
}

// Failures returns the number of 5xx answers of moto by operation, which reveal gaps in moto.
func (p *Proxy) Failures() map[string]int {
	p.counting.Lock()
	defer p.counting.Unlock()
	return maps.Clone(p.failures)
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	form, _ := url.ParseQuery(string(body)) // A body that is no form has no action.
	call := callOf(r, form)
	ask := func(more url.Values) []byte {
		answer, _ := p.forward(r, []byte(more.Encode())) // Without an answer, the text is empty.
		return answer.text
	}
	if adapt(call, form, ask) {
		body = []byte(form.Encode())
	}
	prepare(call, form, ask)
	answer, err := p.forward(r, body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	answer = refuse(call, answer)
	if answer.status == http.StatusOK {
		finish(call, form, ask)
	}
	if r.Header.Get(administrator) == "" {
		call.Status = answer.status
		p.count(call)
		p.withhold(r.Context(), call)
	}
	for key, values := range answer.header {
		w.Header()[key] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(answer.text)))
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.text) // The caller may have been killed.
}

// answer is one HTTP answer of moto.
type answer struct {
	status int
	header http.Header
	text   []byte
}

// forward sends a request to moto and waits for its answer even if the caller has gone: AWS
// completes a request that it received.
func (p *Proxy) forward(r *http.Request, body []byte) (answer, error) {
	forwarded, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, p.server+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	forwarded.Header = r.Header.Clone()
	forwarded.Host = r.Host
	p.mu.Lock()
	defer p.mu.Unlock()
	response, err := http.DefaultClient.Do(forwarded)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return answer{status: response.StatusCode, header: response.Header, text: text}, err
}

// count records a call and delays its answer.
func (p *Proxy) count(call Call) {
	p.counting.Lock()
	p.calls = append(p.calls, call)
	p.counted.Broadcast()
	if call.Status >= http.StatusInternalServerError {
		p.failures[call.Operation]++
	}
	delay := p.delay
	p.counting.Unlock()
	time.Sleep(delay)
}
