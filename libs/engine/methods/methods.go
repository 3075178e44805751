// Package methods serves and calls the standard methods of an object type over gRPC:
// Create, Update, Apply, Get, List, Delete, Watch and Plan (AIP-131 to AIP-135). It reads from the
// contract which request and response a method has and which field of them is the
// object, so no service writes a server or a client of its own.
//
// A contract that lacks one of these fields is a mistake in the program and panics at
// the start of the process. The packages definition and gateway import it.
package methods

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/skep-dev/skep/libs/engine/object"
)

// service is the gRPC service of one object type, as its contract describes it.
type service struct {
	name protoreflect.FullName
	file string
	// names are the methods in the order of the contract, of which streaming ones answer with a
	// stream, and requests their requests.
	names     []string
	streaming map[string]bool
	requests  map[string]protoreflect.MessageType
	// methods are the standard methods, by verb.
	methods map[string]method
}

// method is one standard method.
type method struct {
	name            string
	request, answer protoreflect.MessageType
	// object is the field of the answer that holds the object, or the objects of a
	// list; input is that of the request, nil if the request only names the object.
	object, input protoreflect.FieldDescriptor
}

// verbs are the standard methods.
var verbs = []string{"Create", "Update", "Apply", "Get", "List", "Delete", "Watch", "Plan"}

// serviceOf reads the service of an object type from its contract:
// `skep.network.v1.NetworkService` for `skep.network.v1.Network`.
func serviceOf(t object.Type) service {
	d := descriptorOf(t.Message + "Service")
	s := service{name: d.FullName(), file: d.ParentFile().Path(), requests: make(map[string]protoreflect.MessageType), streaming: make(map[string]bool), methods: make(map[string]method)}
	for i := range d.Methods().Len() {
		d := d.Methods().Get(i)
		s.names = append(s.names, string(d.Name()))
		s.requests[string(d.Name())] = messageType(d.Input())
		s.streaming[string(d.Name())] = d.IsStreamingServer()
		for _, verb := range verbs {
			if rest, ok := strings.CutPrefix(string(d.Name()), verb); ok && isOf(rest, t) {
				s.methods[verb] = methodOf(d, t)
			}
		}
	}
	return s
}

// isOf reports whether the rest of a method's name, after its verb, is the type or
// its plural. It excludes custom methods such as WatchEvents.
func isOf(rest string, t object.Type) bool {
	return rest == string(t.Message.Name()) || strings.EqualFold(rest, t.CollectionID)
}

func methodOf(d protoreflect.MethodDescriptor, t object.Type) method {
	m := method{name: string(d.Name()), request: messageType(d.Input()), answer: messageType(d.Output())}
	m.object, m.input = fieldOf(d.Output(), t), fieldOf(d.Input(), t)
	return m
}

// fieldOf is the field of a message that holds objects of a type, or nil.
func fieldOf(d protoreflect.MessageDescriptor, t object.Type) protoreflect.FieldDescriptor {
	for i := range d.Fields().Len() {
		if field := d.Fields().Get(i); field.Message() != nil && field.Message().FullName() == t.Message {
			return field
		}
	}
	return nil
}

func messageType(d protoreflect.MessageDescriptor) protoreflect.MessageType {
	found, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		panic(fmt.Sprintf("methods: %s is not linked in: %v", d.FullName(), err))
	}
	return found
}

// set sets a field of a message by its name. The contract must have the field.
func set(m protoreflect.Message, name protoreflect.Name, value protoreflect.Value) {
	field := m.Descriptor().Fields().ByName(name)
	if field == nil {
		panic(fmt.Sprintf("methods: %s has no field %s", m.Descriptor().FullName(), name))
	}
	m.Set(field, value)
}

// get reads a field of a message by its name, or the zero value if the contract does
// not have the field.
func get[V any](m proto.Message, name protoreflect.Name) V {
	var none V
	field := m.ProtoReflect().Descriptor().Fields().ByName(name)
	if field == nil {
		return none
	}
	value, _ := m.ProtoReflect().Get(field).Interface().(V)
	return value
}

// textsOf reads a repeated string field of a message by its name.
func textsOf(m proto.Message, name protoreflect.Name) []string {
	list := get[protoreflect.List](m, name)
	if list == nil {
		return nil
	}
	var texts []string
	for i := range list.Len() {
		texts = append(texts, list.Get(i).String())
	}
	return texts
}

// setTexts sets a repeated string field of a message by its name.
func setTexts(m protoreflect.Message, name protoreflect.Name, texts []string) {
	list := m.Mutable(m.Descriptor().Fields().ByName(name)).List()
	for _, text := range texts {
		list.Append(protoreflect.ValueOfString(text))
	}
}

// descriptorOf is the contract of a service.
func descriptorOf(name protoreflect.FullName) protoreflect.ServiceDescriptor {
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	if err != nil {
		panic(fmt.Sprintf("methods: %s: %v", name, err))
	}
	return found.(protoreflect.ServiceDescriptor)
}
