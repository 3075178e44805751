package config

// Targets are the gRPC addresses of the services of the suite.
type Targets struct {
	Identity string `env:"IDENTITY" envDefault:"127.0.0.1:9101" desc:"The gRPC address of the identity service."`
	Network  string `env:"NETWORK" envDefault:"127.0.0.1:9102" desc:"The gRPC address of the network service."`
	Ingress  string `env:"INGRESS" envDefault:"127.0.0.1:9103" desc:"The gRPC address of the ingress service."`
	Compute  string `env:"COMPUTE" envDefault:"127.0.0.1:9104" desc:"The gRPC address of the compute service."`
	Bastion  string `env:"BASTION" envDefault:"127.0.0.1:9105" desc:"The gRPC address of the bastion service."`
}

// Of returns the address of a service by its name, or "".
func (t Targets) Of(service string) string {
	return map[string]string{
		"identity": t.Identity, "network": t.Network, "ingress": t.Ingress, "compute": t.Compute, "bastion": t.Bastion,
	}[service]
}
