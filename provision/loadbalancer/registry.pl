#!/usr/bin/perl
# One request of a registry's client on standard input, its answer on standard output: manifests and blobs, read-only.
use strict;
use warnings;

my $root = '/srv/registry';
my $request = <STDIN> // '';
while (defined(my $line = <STDIN>)) { last if $line =~ /^\r?\n$/ }
my ($method, $path) = $request =~ m{^(GET|HEAD) (/v2/[A-Za-z0-9._:/-]*) HTTP/};
my $head = defined $method && $method eq 'HEAD';
binmode STDOUT;

sub answer {
    my ($status, $type, $size) = @_;
    print "HTTP/1.1 $status\r\nContent-Type: $type\r\nContent-Length: $size\r\nConnection: close\r\n\r\n";
}

sub refuse { my ($status) = @_; answer($status, 'text/plain', 0); exit }

sub file {
    my ($type, $file) = @_;
    open(my $content, '<:raw', $file) or refuse('404 Not Found');
    answer('200 OK', $type, -s $file);
    exit if $head;
    while (read($content, my $part, 1 << 20)) { print $part }
    exit;
}

refuse('405 Method Not Allowed') unless defined $path;
refuse('404 Not Found') if $path =~ m{\.\.};
if ($path eq '/v2/') { answer('200 OK', 'application/json', 2); print '{}' unless $head; exit }
if ($path =~ m{^/v2/(.+)/manifests/([^/]+)$}) {
    file('application/vnd.docker.distribution.manifest.v2+json', "$root/manifests/$1/$2");
}
if ($path =~ m{/blobs/sha256:([0-9a-f]{64})$}) {
    my ($file) = grep { -f } map { "$root/archive/$1.$_" } qw(tar json);
    file('application/octet-stream', $file) if $file;
}
refuse('404 Not Found');
