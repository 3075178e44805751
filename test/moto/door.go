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

// Door stands before moto. It hands moto one request at a time, since moto's own
// state is not safe for several, see Gaps; it counts what the suite calls; and it
// answers as late as it is told to. It is safe for concurrent use.
type Door struct {
	// URL is where AWS is, for the suite and for its administrators.
	URL string

	server string
	mu     sync.Mutex // held while moto works

	counting sync.Mutex
	counted  *sync.Cond
	calls    Calls
	failures map[string]int
	late     time.Duration
	unheard  *Unheard
}

// administrator marks the calls of an administrator, which are not counted: moto
// takes the number of the account from it.
const administrator = "X-Moto-Account-Id"

// open opens the door to a server until the test ends.
func open(t *testing.T, address string, said func() string) *Door {
	t.Helper()
	door := &Door{server: "http://" + address, failures: make(map[string]int)}
	door.counted = sync.NewCond(&door.counting)
	front := httptest.NewServer(door)
	t.Cleanup(front.Close)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("moto failed at %v and said:\n%s", door.Failures(), said())
		}
	})
	door.URL = front.URL
	return door
}

// Late makes every call of the suite take so much longer, as if AWS were that far
// away.
func (d *Door) Late(by time.Duration) {
	d.counting.Lock()
	defer d.counting.Unlock()
	d.late = by
}

// Calls are the calls of the suite until now.
func (d *Door) Calls() Calls {
	d.counting.Lock()
	defer d.counting.Unlock()
	return slices.Clone(d.calls)
}

// Await waits until the calls are as wanted and returns them, or fails when ctx ends.
func (d *Door) Await(ctx context.Context, t *testing.T, wanted func(Calls) bool) Calls {
	t.Helper()
	defer context.AfterFunc(ctx, d.counted.Broadcast)()
	d.counting.Lock()
	defer d.counting.Unlock()
	for !wanted(d.calls) {
		require.NoError(t, ctx.Err(), "AWS was not called as it should have been: %s", d.calls)
		d.counted.Wait()
	}
	return slices.Clone(d.calls)
}

// Failures are the operations that moto answered with a 5xx, and how often: what it
// cannot do.
func (d *Door) Failures() map[string]int {
	d.counting.Lock()
	defer d.counting.Unlock()
	return maps.Clone(d.failures)
}

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	form, _ := url.ParseQuery(string(body)) // What is no form has no action.
	call := callOf(r, form)
	beside := func(more url.Values) []byte {
		answer, _ := d.ask(r, []byte(more.Encode())) // Without an answer there is nothing to do.
		return answer.text
	}
	if bridge(call, form, beside) {
		body = []byte(form.Encode())
	}
	prepare(call, form, beside)
	answer, err := d.ask(r, body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	answer = refuse(call, answer)
	if answer.status == http.StatusOK {
		finish(call, form, beside)
	}
	if r.Header.Get(administrator) == "" {
		call.Status = answer.status
		d.count(call)
		d.withhold(r.Context(), call)
	}
	for key, values := range answer.header {
		w.Header()[key] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(answer.text)))
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.text) // Whoever asked may be dead by now.
}

// answer is what moto answers.
type answer struct {
	status int
	header http.Header
	text   []byte
}

// ask hands moto a request. Its answer is waited for even if nobody does any more,
// as AWS finishes what it was asked.
func (d *Door) ask(r *http.Request, body []byte) (answer, error) {
	asked, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, d.server+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	asked.Header = r.Header.Clone()
	asked.Host = r.Host
	d.mu.Lock()
	defer d.mu.Unlock()
	response, err := http.DefaultClient.Do(asked)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return answer{status: response.StatusCode, header: response.Header, text: text}, err
}

// count notes a call, and holds its answer back as long as calls take.
func (d *Door) count(call Call) {
	d.counting.Lock()
	d.calls = append(d.calls, call)
	d.counted.Broadcast()
	if call.Status >= http.StatusInternalServerError {
		d.failures[call.Operation]++
	}
	late := d.late
	d.counting.Unlock()
	time.Sleep(late)
}
