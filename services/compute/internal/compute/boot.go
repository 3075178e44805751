package compute

import (
	"encoding/base64"
	"fmt"

	"sigs.k8s.io/yaml"

	"github.com/skep-dev/skep/libs/graph"
)

// Boot is what a machine is told when it boots: to what it belongs and what it
// is to be. There is no secret in it, since everything on the machine can read
// it: a machine proves who it is by its instance profile. The same Boot always
// gives the same text.
type Boot struct {
	Cluster           string
	Role              string
	Pool              string
	KubernetesVersion string
	API               *graph.Awaited
	Labels            map[string]string
}

// nodePath is the file that a machine finds it in.
const nodePath = "/etc/skep/node.yaml"

// nodeFile is what stands in that file.
type nodeFile struct {
	Cluster           string            `json:"cluster"`
	Role              string            `json:"role"`
	Pool              string            `json:"pool,omitempty"`
	KubernetesVersion string            `json:"kubernetesVersion"`
	APIHost           string            `json:"apiHost"`
	Labels            map[string]string `json:"labels,omitempty"`
}

// cloudConfig is the part of cloud-init's format that Flatcar reads too.
type cloudConfig struct {
	WriteFiles []writeFile `json:"write_files"`
}

type writeFile struct {
	Path        string `json:"path"`
	Permissions string `json:"permissions"`
	Content     string `json:"content"`
}

// text is the cloud-config. It stays far below the 16 KiB that EC2 takes.
func (b *Boot) text() string {
	file := must(yaml.Marshal(nodeFile{
		Cluster: b.Cluster, Role: b.Role, Pool: b.Pool, KubernetesVersion: b.KubernetesVersion, APIHost: b.API.Value, Labels: b.Labels,
	}))
	config := must(yaml.Marshal(cloudConfig{WriteFiles: []writeFile{{Path: nodePath, Permissions: "0644", Content: string(file)}}}))
	return "#cloud-config\n" + string(config)
}

// userData is the text as EC2 takes it.
func (b *Boot) userData() string { return base64.StdEncoding.EncodeToString([]byte(b.text())) }

// must is for what cannot fail: to write structs of plain strings.
func must(text []byte, err error) []byte {
	if err != nil {
		panic(fmt.Sprintf("compute: write user data: %v", err))
	}
	return text
}
