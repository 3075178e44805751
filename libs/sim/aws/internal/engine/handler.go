package engine

import (
	"fmt"
	"reflect"
	"slices"
)

// Fields are the names of input fields that a handler understands.
type Fields []string

// handler answers one operation.
type handler struct {
	guard func(in any)
	act   func(c *Call, in any) (any, error)
}

// Handle adds an operation to a service. A call panics if a field outside understood is set. act runs with the engine
// locked, and returns the output of AWS or an error made by Refuse.
func Handle[I, O any](s *Service, operation string, understood Fields, act func(*Call, *I) (*O, error)) {
	if _, exists := s.handlers[operation]; exists {
		panic(fmt.Sprintf("awssim: %s %s has two handlers", s.ID, operation))
	}
	shape := reflect.TypeFor[I]()
	for _, name := range understood {
		if _, ok := shape.FieldByName(name); !ok {
			panic(fmt.Sprintf("awssim: %s has no field %s", operation, name))
		}
	}
	if s.handlers == nil {
		s.handlers = map[string]handler{}
	}
	s.handlers[operation] = handler{
		guard: func(in any) { Guard(operation, in.(*I), understood...) },
		act: func(c *Call, in any) (any, error) {
			out, err := act(c, in.(*I))
			if err != nil {
				return nil, err
			}
			return out, nil
		},
	}
}

// Guard panics if a field of the struct that v points to is set and not understood. Handlers call it for structs inside
// their input.
func Guard(operation string, v any, understood ...string) {
	value := reflect.Indirect(reflect.ValueOf(v))
	for field, content := range value.Fields() {
		if !field.IsExported() || content.IsZero() || slices.Contains(understood, field.Name) {
			continue
		}
		if content.Kind() == reflect.Slice && content.Len() == 0 {
			continue
		}
		panic(fmt.Sprintf("awssim: %s: field %s is not simulated", operation, field.Name))
	}
}

// Unsimulated panics because a field that is understood has a value that is not simulated.
func (c *Call) Unsimulated(field string, value any) {
	panic(fmt.Sprintf("awssim: %s: %s %v is not simulated", c.Operation, field, value))
}
