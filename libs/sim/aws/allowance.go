package aws

// Allowance is one token bucket of AWS as it is published: so many calls at once, and so many a second after that.
type Allowance struct {
	// Name is the operation, or the family of operations, that draws on it.
	Name string
	// Burst is in calls, Refill in calls a second.
	Burst, Refill float64
}

// Allowances are the buckets that calls of an operation draw on, for one account and region. There are
// none for IAM and Auto Scaling, which publish none.
func Allowances(service, operation string) []Allowance {
	c := &call{Call: Call{Service: service, Operation: operation, Mutating: mutating(operation)}}
	var found []Allowance
	for _, l := range limitsOf(c, &struct{ filtered bool }{true}) {
		name := l.shared
		if name == "" {
			name = operation
		}
		found = append(found, Allowance{Name: service + " " + name, Burst: float64(l.burst), Refill: l.refill})
	}
	return found
}
