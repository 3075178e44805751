package faults

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Site is a place in the program as a scenario sees it: who does what with which
// thing. It is the same in every run, whatever ids AWS gives and whatever runs
// side by side.
type Site struct {
	// Service is who does it.
	Service string
	// Operation is an operation of AWS, or a write to the store: `put`, `delete`.
	Operation string
	// Target is the thing: its name within Skep, or the key of a record.
	Target string
}

// Event is one of the times that a site was passed.
type Event struct {
	Site
	// N counts the times, from one.
	N int
	// Mutating says that the event changes something, if it takes effect.
	Mutating bool
}

// store reports whether the event is a write to the store.
func (e Event) store() bool { return e.Operation == "put" || e.Operation == "delete" }

// String is the name of the event, such as `network.CreateVpc(networks/quickstart/vpc)#1`.
func (e Event) String() string {
	return fmt.Sprintf("%s.%s(%s)#%d", e.Service, e.Operation, e.Target, e.N)
}

// Injection is one thing that goes wrong.
type Injection struct {
	Event
	Kind Kind
}

// String is the name of the injection: the event and the kind.
func (i Injection) String() string { return i.Event.String() + ":" + string(i.Kind) }

var injectionForm = regexp.MustCompile(`^([a-z]+)\.([A-Za-z]+)\((.*)\)#([0-9]+):([-a-z0-9]+)$`)

// ParseInjection reads what Injection.String wrote.
func ParseInjection(text string) (Injection, error) {
	part := injectionForm.FindStringSubmatch(text)
	if part == nil {
		return Injection{}, fmt.Errorf("injection %q: it reads service.Operation(target)#n:kind", text)
	}
	n, err := strconv.Atoi(part[4])
	if err != nil {
		return Injection{}, fmt.Errorf("injection %q: %w", text, err)
	}
	return Injection{Event{Site: Site{part[1], part[2], part[3]}, N: n}, Kind(part[5])}, nil
}

// spaceless keeps names in one word.
func spaceless(s string) string { return strings.ReplaceAll(s, " ", "_") }
