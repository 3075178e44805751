package faults

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Site is a boundary call as a scenario sees it: the service, its operation and the
// resource or record. It is the same in every run: it depends neither on the ids that AWS
// assigns nor on concurrency.
type Site struct {
	// Service is the service that acts.
	Service string
	// Operation is an AWS operation, or a write to the store: `put`, `delete`.
	Operation string
	// Target is the name of the resource in Skep, or the key of the record.
	Target string
}

// Event is one occurrence of a site in a run.
type Event struct {
	Site
	// N is the number of the occurrence; the first is one.
	N int
	// Mutating means that the event changes AWS or the store if it takes effect.
	Mutating bool
}

// store reports whether the event is a write to the store.
func (e Event) store() bool { return e.Operation == "put" || e.Operation == "delete" }

// String returns the name of the event, such as `network.CreateVpc(networks/quickstart/vpc)#1`.
func (e Event) String() string {
	return fmt.Sprintf("%s.%s(%s)#%d", e.Service, e.Operation, e.Target, e.N)
}

// Injection is one fault at one event.
type Injection struct {
	Event
	Kind Kind
}

// String returns the name of the injection: the event and the kind of fault.
func (i Injection) String() string { return i.Event.String() + ":" + string(i.Kind) }

var injectionForm = regexp.MustCompile(`^([a-z]+)\.([A-Za-z]+)\((.*)\)#([0-9]+):([-a-z0-9]+)$`)

// ParseInjection parses the result of Injection.String.
func ParseInjection(text string) (Injection, error) {
	match := injectionForm.FindStringSubmatch(text)
	if match == nil {
		return Injection{}, fmt.Errorf("injection %q: the form is service.Operation(target)#n:kind", text)
	}
	n, err := strconv.Atoi(match[4])
	if err != nil {
		return Injection{}, fmt.Errorf("injection %q: %w", text, err)
	}
	return Injection{Event{Site: Site{match[1], match[2], match[3]}, N: n}, Kind(match[5])}, nil
}

// spaceless replaces spaces, so that a name is one word of the name of a run.
func spaceless(s string) string { return strings.ReplaceAll(s, " ", "_") }
