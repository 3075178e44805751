package bus

import "strings"

// A Topology says which service owns which bucket, and who reads it.
type Topology []Service

// A Service is one NATS account with one bucket that only it can write.
type Service struct {
	// Name is the service, its NATS user, and in capitals its account.
	Name string
	// Bucket is where the service keeps its records.
	Bucket string
	// Reads are the buckets of others that it sees through mirrors.
	Reads []Read
	// Events says that the account holds the stream of events.
	Events bool
	// Budgets says that the account holds the bucket of API budgets, which no other
	// service reads: it is written at every draw.
	Budgets bool
}

// A Read is the right of a service to see the bucket of another.
type Read struct {
	// Service is the owner of the bucket.
	Service string
	// Reason says what is read, and what for.
	Reason string
}

// Suite is the topology of the whole suite.
func Suite() Topology {
	return Topology{
		{Name: "network", Bucket: "network", Reads: []Read{
			{"compute", "a network holds until the control planes and node pools in it are gone"},
			{"ingress", "a network holds until the load balancers in it are gone"},
			{"bastion", "a network holds until the bastions in it are gone, and routes to their VPNs"},
		}},
		{Name: "identity", Bucket: "identity", Budgets: true, Reads: []Read{
			{"network", "an account holds until its networks are gone"},
			{"compute", "roles and instance profiles hold until the machines that use them are gone"},
			{"ingress", "the OIDC issuer is served under the domain of the cluster"},
			{"bastion", "the role of a bastion holds until its machine is gone"},
		}},
		{Name: "ingress", Bucket: "ingress", Reads: []Read{
			{"network", "load balancers stand in the subnets and security groups of a network"},
			{"compute", "target groups name the machines of control planes and node pools"},
		}},
		{Name: "compute", Bucket: "compute", Reads: []Read{
			{"network", "machines stand in the subnets and security groups of a network"},
			{"identity", "machines carry instance profiles"},
			{"ingress", "machines join at the API endpoint and register with its target groups"},
		}},
		{Name: "bastion", Bucket: "bastion", Reads: []Read{
			{"network", "bastions stand in the public subnets of a network"},
		}},
		{Name: "gateway", Bucket: "cluster", Events: true, Reads: []Read{
			{"network", "the status of a cluster is made of its network's"},
			{"identity", "the status of a cluster is made of its account's"},
			{"compute", "the status of a cluster is made of its control plane's and node pools'"},
			{"ingress", "the status of a cluster is made of its endpoint's"},
			{"bastion", "the status of a cluster is made of its bastion's"},
		}},
	}
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

// readers returns the services that read the bucket of owner.
func (t Topology) readers(owner string) []Service {
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

// account is the NATS account of a service.
func account(service string) string { return strings.ToUpper(service) }

// Admin is the NATS user that makes the streams in the account of a service.
func Admin(service string) string { return service + "-admin" }

// apiPrefix is where the account of a reader finds the JetStream API of an owner.
func apiPrefix(owner string) string { return "from." + owner + ".api" }

// deliverSubject is where the mirror of a reader hears from an owner.
func deliverSubject(owner, reader string) string { return "mirror." + owner + "." + reader }

// mirrorConsumer is the consumer of a reader on the stream of an owner.
func mirrorConsumer(reader string) string { return "MIRROR_" + reader }

// stream is the stream behind a bucket.
func stream(bucket string) string { return "KV_" + bucket }
