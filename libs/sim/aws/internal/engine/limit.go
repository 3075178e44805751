package engine

import "golang.org/x/time/rate"

// Limit is an API limit of AWS: a token bucket for calls.
type Limit struct {
	Family string  // the family of operations that share the bucket; "" means one bucket for each operation
	Burst  int     // calls
	Refill float64 // calls per second
	Global bool    // one bucket for all regions of an account
}

// Allowance is an API limit as AWS publishes it.
type Allowance struct {
	// Name is the operation, or the family of operations, that draws on the bucket.
	Name string
	// Burst is in calls, Refill in calls per second.
	Burst, Refill float64
}

// Allowances returns the limits that apply to filtered calls of an operation, in one account and region. It returns
// none for a service that publishes none.
func (k *Catalog) Allowances(service, operation string) []Allowance {
	s, ok := k.services[service]
	if !ok || s.Limits == nil {
		return nil
	}
	var found []Allowance
	for _, l := range s.Limits(operation, Mutating(operation), &struct{ filtered bool }{true}) {
		name := l.Family
		if name == "" {
			name = operation
		}
		found = append(found, Allowance{Name: service + " " + name, Burst: float64(l.Burst), Refill: l.Refill})
	}
	return found
}

// bucketKey identifies a token bucket.
type bucketKey struct {
	Scope
	service, calls string
	limit          Limit
}

// buckets are the token buckets that calls have drawn on.
type buckets map[bucketKey]*rate.Limiter

// spend draws one token from every bucket of a call, or none and reports false if one is empty.
func (e *Engine) spend(s *Service, c *Call, in any) bool {
	if s.Limits == nil {
		return true
	}
	var limiters []*rate.Limiter
	for _, l := range s.Limits(c.Operation, c.Mutating, in) {
		key := bucketKey{Scope{c.Account, c.Region}, c.Service, c.Operation, l}
		if l.Family != "" {
			key.calls = l.Family
		}
		if l.Global {
			key.Region = Global
		}
		limiter, ok := e.buckets[key]
		if !ok {
			limiter = rate.NewLimiter(rate.Limit(l.Refill*e.options.Scale), l.Burst)
			e.buckets[key] = limiter
		}
		if limiter.TokensAt(c.Now()) < 1 {
			return false
		}
		limiters = append(limiters, limiter)
	}
	for _, limiter := range limiters {
		limiter.AllowN(c.Now(), 1)
	}
	return true
}

// throttled is the error of the service for a call that finds a bucket empty.
func (s *Service) throttled() error {
	if s.Throttled != nil {
		return s.Throttled
	}
	return Refuse("Throttling", "Rate exceeded")
}
