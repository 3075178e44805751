package moto

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Call is one call of the suite that moto answered.
type Call struct {
	// Service is the service as signatures name it, such as `ec2`, and Operation
	// what was called.
	Service, Operation string
	// Status is the HTTP status of the answer.
	Status int
}

// Reads reports whether the call changed nothing whatever its answer.
func (c Call) Reads() bool {
	return slices.ContainsFunc([]string{"Describe", "Get", "List", "Search", "AssumeRole"}, func(verb string) bool {
		return strings.HasPrefix(c.Operation, verb)
	})
}

// Calls are the calls of a stretch of time.
type Calls []Call

// Reads is how many of them changed nothing.
func (c Calls) Reads() int {
	reads := 0
	for _, call := range c {
		if call.Reads() {
			reads++
		}
	}
	return reads
}

// Writes is how many of them were to change something.
func (c Calls) Writes() int { return len(c) - c.Reads() }

// Written are the operations that were to change something, in the order of their calls.
func (c Calls) Written() []string {
	var operations []string
	for _, call := range c {
		if !call.Reads() {
			operations = append(operations, call.Operation)
		}
	}
	return operations
}

// To are those to some services.
func (c Calls) To(services ...string) Calls {
	var some Calls
	for _, call := range c {
		if slices.Contains(services, call.Service) {
			some = append(some, call)
		}
	}
	return some
}

// Count is one operation and how often it was called.
type Count struct {
	Operation string
	Calls     int
}

// ByOperation counts the operations, the most called first.
func (c Calls) ByOperation() []Count {
	times := make(map[string]int)
	for _, call := range c {
		times[call.Operation]++
	}
	counts := make([]Count, 0, len(times))
	for operation, n := range times {
		counts = append(counts, Count{operation, n})
	}
	slices.SortFunc(counts, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), strings.Compare(a.Operation, b.Operation))
	})
	return counts
}

// String implements fmt.Stringer: the operations with their counts on one line.
func (c Calls) String() string {
	var words []string
	for _, count := range c.ByOperation() {
		words = append(words, fmt.Sprintf("%s %d", count.Operation, count.Calls))
	}
	return strings.Join(words, ", ")
}

// scope is the part of a signature that names region and service.
var scope = regexp.MustCompile(`Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request`)

// callOf tells what a request calls.
func callOf(r *http.Request, form url.Values) Call {
	call := Call{Operation: form.Get("Action")}
	if found := scope.FindStringSubmatch(r.Header.Get("Authorization")); found != nil {
		call.Service = found[1]
	}
	if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		call.Operation = operation
	}
	if call.Operation == "" {
		call.Operation = restOperation(r.Method, r.URL.Path)
	}
	return call
}

// restOperations are the calls of Route 53, which has resources instead of actions.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_Operations_Amazon_Route_53.html
var restOperations = []struct {
	method    string
	path      *regexp.Regexp
	operation string
}{
	{http.MethodPost, regexp.MustCompile(`/hostedzone/?$`), "CreateHostedZone"},
	{http.MethodGet, regexp.MustCompile(`/hostedzone/?$`), "ListHostedZones"},
	{http.MethodGet, regexp.MustCompile(`/hostedzonesbyname$`), "ListHostedZonesByName"},
	{http.MethodGet, regexp.MustCompile(`/hostedzone/[^/]+$`), "GetHostedZone"},
	{http.MethodDelete, regexp.MustCompile(`/hostedzone/[^/]+$`), "DeleteHostedZone"},
	{http.MethodPost, regexp.MustCompile(`/rrset/?$`), "ChangeResourceRecordSets"},
	{http.MethodGet, regexp.MustCompile(`/rrset/?$`), "ListResourceRecordSets"},
	{http.MethodPost, regexp.MustCompile(`/tags/hostedzone/[^/]+$`), "ChangeTagsForResource"},
	{http.MethodGet, regexp.MustCompile(`/tags/hostedzone/[^/]+$`), "ListTagsForResource"},
	{http.MethodPost, regexp.MustCompile(`/tags/hostedzone$`), "ListTagsForResources"},
}

func restOperation(method, path string) string {
	for _, one := range restOperations {
		if one.method == method && one.path.MatchString(path) {
			return one.operation
		}
	}
	return method + " " + path
}
