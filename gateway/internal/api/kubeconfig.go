package api

import (
	"context"
	"encoding/base64"
	"fmt"

	"sigs.k8s.io/yaml"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/rpc"
)

// Kubeconfig generates kubeconfigs with certificates that the identity service signs.
type Kubeconfig struct {
	// Sign requests a client certificate from the identity service.
	Sign func(ctx context.Context, in *identityv1.IssueClientCertificateRequest) (*identityv1.IssueClientCertificateResponse, error)
}

// administrators is the group that has all rights in every Kubernetes cluster.
const administrators = "system:masters"

func (k Kubeconfig) generate(ctx context.Context, c *clusterv1.Cluster) (*clusterv1.GenerateKubeconfigResponse, error) {
	if c.GetStatus().GetApiUrl() == "" {
		return nil, fault.Preconditionf("Wait until the condition ApiEndpointReady is true.", "cluster %q has no API endpoint yet", c.GetName())
	}
	caller, _ := rpc.Caller(ctx)
	if caller.Name == "" {
		caller.Name = "anonymous"
	}
	issued, err := k.Sign(ctx, &identityv1.IssueClientCertificateRequest{
		ClusterIdentity: object.NameOf(object.Organization(c.GetName()), object.ClusterIdentities.CollectionID, object.ID(c.GetName())),
		CommonName:      caller.Name, Groups: []string{administrators},
	})
	if err != nil {
		return nil, fmt.Errorf("sign client certificate: %w", err)
	}
	name := object.ID(c.GetName())
	text, err := yaml.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": name,
		"clusters": []any{map[string]any{"name": name, "cluster": map[string]any{
			"server": c.GetStatus().GetApiUrl(), "certificate-authority-data": encode(issued.GetCertificateAuthority())}}},
		"users": []any{map[string]any{"name": caller.Name, "user": map[string]any{
			"client-certificate-data": encode(issued.GetCertificate()), "client-key-data": encode(issued.GetPrivateKey())}}},
		"contexts": []any{map[string]any{"name": name, "context": map[string]any{"cluster": name, "user": caller.Name}}},
	})
	if err != nil {
		return nil, err
	}
	return &clusterv1.GenerateKubeconfigResponse{Kubeconfig: string(text), ExpireTime: issued.GetExpireTime()}, nil
}

func encode(pem string) string { return base64.StdEncoding.EncodeToString([]byte(pem)) }
