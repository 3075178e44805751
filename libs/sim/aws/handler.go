package aws

import (
	"fmt"
	"reflect"
	"slices"
)

// handler answers one operation.
type handler struct {
	guard func(in any)
	act   func(c *call, in any) (any, error)
}

// handlers are all operations the world simulates, by service id and operation name.
var handlers = map[[2]string]handler{}

// fields are the names of the input fields that a handler understands.
type fields []string

// handle adds an operation. Every field of the input that is not among the understood ones has to be zero, or the call
// panics. The handler runs with the world locked; it returns what AWS returns, or refuse(…).
func handle[I, O any](service, operation string, understood fields, act func(*call, *I) (*O, error)) {
	key := [2]string{service, operation}
	if _, twice := handlers[key]; twice {
		panic(fmt.Sprintf("awssim: %s %s is handled twice", service, operation))
	}
	shape := reflect.TypeFor[I]()
	for _, name := range understood {
		if _, ok := shape.FieldByName(name); !ok {
			panic(fmt.Sprintf("awssim: %s has no field %s", operation, name))
		}
	}
	handlers[key] = handler{
		guard: func(in any) { guard(operation, in.(*I), understood...) },
		act: func(c *call, in any) (any, error) {
			out, err := act(c, in.(*I))
			if err != nil {
				return nil, err
			}
			return out, nil
		},
	}
}

// handlerOf finds the handler of an operation, or panics.
func handlerOf(service, operation string) handler {
	h, ok := handlers[[2]string{service, operation}]
	if !ok {
		panic(fmt.Sprintf("awssim: %s %s is not simulated", service, operation))
	}
	return h
}

// guard panics if a field of the struct that v points to is set and not understood. Handlers call it for structs inside
// their input.
func guard(operation string, v any, understood ...string) {
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

// unsimulated panics over a value, of a field that is understood otherwise.
func (c *call) unsimulated(field string, value any) {
	panic(fmt.Sprintf("awssim: %s: %s %v is not simulated", c.Operation, field, value))
}
