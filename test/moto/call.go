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
	// Service is the AWS service as in the signature, such as `ec2`; Operation is the API
	// operation.
	Service, Operation string
	// Status is the HTTP status of the answer.
	Status int
}

// Reads reports whether the operation changes nothing.
func (c Call) Reads() bool {
	return slices.ContainsFunc([]string{"Describe", "Get", "List", "Search", "AssumeRole"}, func(verb string) bool {
		return strings.HasPrefix(c.Operation, verb)
	})
}

// Calls are the calls of a period in their order.
type Calls []Call

// Reads returns the number of reads.
func (c Calls) Reads() int {
	reads := 0
	for _, call := range c {
		if call.Reads() {
			reads++
		}
	}
	return reads
}

// Writes returns the number of calls that are not reads.
func (c Calls) Writes() int { return len(c) - c.Reads() }

// Written returns the operations of the writes in their order.
func (c Calls) Written() []string {
	var operations []string
	for _, call := range c {
		if !call.Reads() {
			operations = append(operations, call.Operation)
		}
	}
	return operations
}

// To returns the calls to the given services.
func (c Calls) To(services ...string) Calls {
	var some Calls
	for _, call := range c {
		if slices.Contains(services, call.Service) {
			some = append(some, call)
		}
	}
	return some
}

// Count is the number of calls of one operation.
type Count struct {
	Operation string
	Calls     int
}

// ByOperation returns the counts of the operations, the largest first.
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

// callOf returns the service and the operation of a request.
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

// restOperations are the operations of Route 53, which has a REST API.
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
