// Package topology says which service owns which bucket of the state store and who reads
// it. The NATS accounts, the mirrors and the buckets that a service opens follow from it.
//
// Everything that starts or provisions a part of Skep imports it. It knows no NATS.
package topology

import "strings"

// A Topology lists the services with the buckets that they own and read.
type Topology []Service

// A Service is one NATS account with one bucket that only it can write.
type Service struct {
	// Name is the service, its NATS user, and in capitals its account.
	Name string
	// Bucket is the bucket with the records of the service.
	Bucket string
	// Reads are the buckets of other services that the service reads through mirrors.
	Reads []Read
	// Events means that the account holds the stream of events.
	Events bool
	// Budgets means that the account holds the bucket of API budgets. No other service reads it, because every draw
	// writes it.
	Budgets bool
}

// A Read is the right of a service to read the bucket of another service.
type Read struct {
	// Service is the owner of the bucket.
	Service string
	// Reason says what the service reads and why.
	Reason string
}

// Suite returns the topology of the whole suite.
func Suite() Topology {
	return Topology{
		{Name: "network", Bucket: "network", Reads: []Read{
			{"compute", "the control planes and node pools in a network block its delete"},
			{"ingress", "the load balancers in a network block its delete"},
			{"bastion", "the bastions in a network block its delete"},
		}},
		{Name: "identity", Bucket: "identity", Budgets: true, Reads: []Read{
			{"network", "the networks of an account block its delete"},
			{"compute", "machines block the delete of their roles and instance profiles"},
			{"ingress", "the API endpoints and ingresses of an account block its delete"},
			{"bastion", "the bastions of an account block its delete"},
		}},
		{Name: "ingress", Bucket: "ingress", Reads: []Read{
			{"network", "load balancers use the subnets and security groups of a network"},
		}},
		{Name: "compute", Bucket: "compute", Reads: []Read{
			{"network", "machines use the subnets and security groups of a network"},
			{"identity", "machines use instance profiles"},
			{"ingress", "machines join through the API endpoint and register with its target groups"},
		}},
		{Name: "bastion", Bucket: "bastion", Reads: []Read{
			{"network", "bastions use the private subnets and a security group of a network"},
		}},
		{Name: "gateway", Bucket: "cluster", Events: true, Reads: []Read{
			{"network", "the status of a cluster includes the status of its network"},
			{"identity", "the status of a cluster includes the status of its account"},
			{"compute", "the status of a cluster includes the status of its control plane and node pools"},
			{"ingress", "the status of a cluster includes the status of its endpoint"},
			{"bastion", "the status of a cluster includes the status of its bastion"},
		}},
	}
}

// Service returns the service of this name, and whether there is one.
func (t Topology) Service(name string) (Service, bool) {
	for _, s := range t {
		if s.Name == name {
			return s, true
		}
	}
	return Service{}, false
}

// Bucket returns the bucket of the service, or "" if there is no such service.
func (t Topology) Bucket(service string) string {
	for _, s := range t {
		if s.Name == service {
			return s.Bucket
		}
	}
	return ""
}

// Readers returns the services that read the bucket of owner.
func (t Topology) Readers(owner string) []Service {
	var readers []Service
	for _, s := range t {
		for _, r := range s.Reads {
			if r.Service == owner {
				readers = append(readers, s)
			}
		}
	}
	return readers
}

// Account returns the NATS account of a service.
func Account(service string) string { return strings.ToUpper(service) }

// Admin returns the NATS user of the administrator of a service's account.
func Admin(service string) string { return service + "-admin" }

// APIPrefix returns the prefix under which a reader's account imports the JetStream API of an owner.
func APIPrefix(owner string) string { return "from." + owner + ".api" }

// DeliverSubject returns the subject on which a mirror receives from an owner.
func DeliverSubject(owner, reader string) string { return "mirror." + owner + "." + reader }

// MirrorConsumer returns the name of a reader's consumer on an owner's stream.
func MirrorConsumer(reader string) string { return "MIRROR_" + reader }

// StreamName returns the name of the stream behind a bucket.
func StreamName(bucket string) string { return "KV_" + bucket }
