package objecttype

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// pageSize is the number of objects per request; the API allows at most 1000.
const pageSize = 500

// Get returns one object by its full name.
func (t ObjectType) Get(ctx context.Context, conn grpc.ClientConnInterface, name string) (Object, error) {
	answer, err := t.call(ctx, conn, "Get"+string(t.message.Name()), map[protoreflect.Name]protoreflect.Value{
		"name": protoreflect.ValueOfString(name),
	})
	if err != nil {
		return Object{}, err
	}
	return Object{answer.Get(answer.Descriptor().Fields().Get(0)).Message()}, nil
}

// Delete requests the deletion of an object and returns the object as stored with the request.
func (t ObjectType) Delete(ctx context.Context, conn grpc.ClientConnInterface, name string) (Object, error) {
	answer, err := t.call(ctx, conn, "Delete"+string(t.message.Name()), map[protoreflect.Name]protoreflect.Value{
		"name": protoreflect.ValueOfString(name),
	})
	if err != nil {
		return Object{}, err
	}
	return Object{answer.Get(answer.Descriptor().Fields().Get(0)).Message()}, nil
}

// Page selects the objects to list.
type Page struct {
	// Organization is the parent; `-` selects all organizations.
	Organization string
	// Filter is an AIP-160 filter.
	Filter string
	// Size is the number of objects per request; zero means 500.
	Size int32
}

// List returns the objects of all pages, as one merged response and as a slice.
func (t ObjectType) List(ctx context.Context, conn grpc.ClientConnInterface, page Page) (proto.Message, []Object, error) {
	arguments := map[protoreflect.Name]protoreflect.Value{
		"parent":    protoreflect.ValueOfString("organizations/" + page.Organization),
		"filter":    protoreflect.ValueOfString(page.Filter),
		"page_size": protoreflect.ValueOfInt32(pageSize),
	}
	if t.topmost() {
		delete(arguments, "parent")
	}
	if page.Size > 0 {
		arguments["page_size"] = protoreflect.ValueOfInt32(page.Size)
	}
	var all protoreflect.Message
	for {
		answer, err := t.call(ctx, conn, "List"+title(t.resource.GetPlural()), arguments)
		if err != nil {
			return nil, nil, err
		}
		next := answer.Descriptor().Fields().ByName("next_page_token")
		token := answer.Get(next)
		answer.Clear(next)
		if all == nil {
			all = answer
		} else {
			proto.Merge(all.Interface(), answer.Interface())
		}
		if token.String() == "" {
			return all.Interface(), resources(all), nil
		}
		arguments["page_token"] = token
	}
}

func resources(answer protoreflect.Message) []Object {
	list := answer.Get(answer.Descriptor().Fields().Get(0)).List()
	found := make([]Object, list.Len())
	for i := range found {
		found[i] = Object{list.Get(i).Message()}
	}
	return found
}

// call calls a method of the service `<Type>Service` in the package of the object type.
func (t ObjectType) call(ctx context.Context, conn grpc.ClientConnInterface, name string, arguments map[protoreflect.Name]protoreflect.Value) (protoreflect.Message, error) {
	service := t.message.ParentFile().Package().Append(t.message.Name() + "Service")
	request, err := message(service.Parent().Append(protoreflect.Name(name + "Request")))
	if err != nil {
		return nil, err
	}
	answer, err := message(service.Parent().Append(protoreflect.Name(name + "Response")))
	if err != nil {
		return nil, err
	}
	for field, value := range arguments {
		request.Set(request.Descriptor().Fields().ByName(field), value)
	}
	return answer, conn.Invoke(ctx, "/"+string(service)+"/"+name, request.Interface(), answer.Interface())
}

func message(name protoreflect.FullName) (protoreflect.Message, error) {
	found, err := protoregistry.GlobalTypes.FindMessageByName(name)
	if err != nil {
		return nil, fmt.Errorf("find message %s: %w", name, err)
	}
	return found.New(), nil
}

func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
