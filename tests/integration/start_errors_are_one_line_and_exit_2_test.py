"""What keeps posternd from starting is one line on standard error, that names the place and what is
wrong, and exit code 2; --check says the same. A good configuration passes --check, and what
--print-config prints is a configuration that says the same."""

import os
import re
import shutil
import socket
import subprocess

import harness
from harness import (BUILD, POSTERN, POSTERND, GateTest, Pki, pipeline, run, tls_listener)

NOBODY = 65534


class StartTest(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server = self.pki.server()
        self.file = self.directory / "gate.toml"
        self.good = tls_listener(self.pki, self.server)

    def write(self, configuration, logging="error"):
        for name in ("state", "run"):
            (self.directory / name).mkdir(exist_ok=True, mode=0o700)
        self.file.write_text(f'state_directory = "{self.directory}/state"\n'
                             f'runtime_directory = "{self.directory}/run"\n'
                             f'[logging]\nlevel = "{logging}"\n{configuration}')

    def posternd(self, *options, **more):
        return run(POSTERND, "--config", self.file, *options, ok=None, **more)

    def assert_refused(self, configuration, *said, check=True, **more):
        """One line that matches every regular expression, for the start and for --check."""
        self.write(configuration)
        runs = [()] + ([("--check",)] if check else [])
        for options in runs:
            done = self.posternd(*options, **more)
            lines = done.stderr.splitlines()
            self.assertEqual((done.returncode, done.stdout, len(lines)), (2, "", 1), done)
            self.assertTrue(lines[0].startswith("posternd: "), lines[0])
            for text in said:
                self.assertRegex(lines[0], text)

    def place(self, text):
        """FILE:LINE: of the first line of the configuration that holds `text`."""
        lines = self.file.read_text().splitlines()
        number = next(i for i, line in enumerate(lines, 1) if text in line)
        return re.escape(f"{self.file}:{number}:")


class AGoodConfiguration(StartTest):
    def test_passes_the_check_and_starts_nothing(self):
        self.write(tls_listener(self.pki, self.server, pipeline=pipeline("ratelimit")
                                + pipeline("pinning", pins=[self.pki.client().pin()])
                                + pipeline("revocation", crl_files=[self.pki.crl()])), "debug")
        done = self.posternd("--check")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn(str(self.file), done.stdout)
        self.assertEqual(list((self.directory / "run").iterdir()), [])

    def test_is_printed_as_one_that_says_the_same(self):
        client = self.pki.client()
        self.write(self.good.replace("[listener.tls]", 'max_body = "1MiB"\n[listener.tls]')
                   + tls_listener(self.pki, self.server, name="second", pipeline=pipeline(
                       "ratelimit", 'mode = "observe"', max_connections_per_ip=7)
                       + pipeline("pinning", pins=[client.pin()])))
        first = self.posternd("--print-config")
        self.assertEqual((first.returncode, first.stderr), (0, ""))
        for text in ("max_connections_per_ip = 7", client.pin(), "observe", "idle_timeout",
                     "second"):
            self.assertIn(text, first.stdout)
        self.file.write_text(first.stdout)
        self.assertEqual(self.posternd("--check").returncode, 0)
        again = self.posternd("--print-config")
        self.assertEqual((again.returncode, again.stdout), (0, first.stdout))


class AnAddressInUse(StartTest):
    def configuration(self, port):
        return self.good.replace("port = 0", f"port = {port}")

    def test_by_a_socket_of_another_program(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            # --check opens no socket: a gate that runs can have its new configuration checked.
            self.write(self.configuration(port))
            self.assert_refused(self.configuration(port), self.place("[[listener]]"),
                                'listener "mcp"', rf"127\.0\.0\.1:{port}: .*in use", check=False)
            self.assertEqual(self.posternd("--check").returncode, 0)

    def test_by_a_socket_that_would_share_it(self):
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            self.assert_refused(self.configuration(taken.getsockname()[1]), "in use", check=False)

    def test_by_another_posternd(self):
        running = self.gate(self.good)
        self.assert_refused(self.configuration(running.port()), f":{running.port()}", "in use",
                            check=False)
        self.assertTrue(running.process.poll() is None)

    def test_by_another_posternd_on_a_unix_socket(self):
        path = self.directory / "gate.sock"
        configuration = self.good.replace('"127.0.0.1"', f'"unix:{path}"').replace("port = 0", "")
        self.gate(configuration)
        self.assert_refused(configuration, re.escape(f"unix:{path}"), "in use", check=False)
        self.assertTrue(path.is_socket())

    def test_by_a_file_where_the_unix_socket_would_be(self):
        path = self.directory / "gate.sock"
        path.write_text("precious")
        self.assert_refused(
            self.good.replace('"127.0.0.1"', f'"unix:{path}"').replace("port = 0", ""),
            re.escape(str(path)), "not a socket", check=False)
        self.assertEqual(path.read_text(), "precious")

    def test_that_is_not_of_this_machine(self):
        self.assert_refused(self.good.replace('"127.0.0.1"', '"192.0.2.1"'), r"192\.0\.2\.1",
                            "[Cc]annot assign", check=False)


class AKey(StartTest):
    def with_key(self, path, more=""):
        return self.good.replace(f'"{self.server.key}"', f'"{path}"\n{more}')

    def test_that_is_missing(self):
        missing = self.directory / "missing.key"
        self.assert_refused(self.with_key(missing), re.escape(str(missing)), "No such file",
                            re.escape(f"{self.file}:"), 'listener "mcp"')

    def test_that_is_a_directory(self):
        self.assert_refused(self.with_key(self.directory), re.escape(str(self.directory)),
                            "not a regular file")

    def test_that_may_not_be_read(self):
        options = {}
        if os.geteuid() == 0:
            options = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        else:
            self.server.key.chmod(0)
        try:
            run(POSTERND, "--version", **options)
        except (PermissionError, AssertionError):
            self.skipTest("the build is in a directory that others may not enter")
        self.write(self.good)
        self.file.chmod(0o644)
        (self.directory / "pki").chmod(0o755)
        self.assert_refused(self.good, re.escape(str(self.server.key)), "Permission denied",
                            **options)

    def test_that_does_not_match(self):
        foreign = self.pki.client("foreign")
        self.assert_refused(self.with_key(foreign.key), re.escape(str(foreign.key)),
                            "does not match", re.escape(str(self.server.certificate)))

    def test_that_is_no_key(self):
        self.assert_refused(self.with_key(self.server.certificate),
                            re.escape(str(self.server.certificate)), "no private key")

    def encrypted(self):
        right, wrong = self.directory / "right", self.directory / "wrong"
        right.write_text("open sesame\n")
        wrong.write_text("open barley\n")
        return right, wrong

    def test_that_is_encrypted_with_another_password_or_none(self):
        right, wrong = self.encrypted()
        locked = self.pki.server("locked", "--password-file", right)
        configuration = tls_listener(self.pki, locked)
        self.assert_refused(configuration, re.escape(str(locked.key)), "encrypted",
                            "password_file")
        for password, good in ((wrong, False), (right, True)):
            text = configuration.replace("client_ca", f'password_file = "{password}"\nclient_ca')
            if good:
                self.write(text)
                self.assertEqual(self.posternd("--check").returncode, 0)
            else:
                self.assert_refused(text, re.escape(str(locked.key)), "wrong password")
        self.assert_refused(configuration.replace(
            "client_ca", f'password_file = "{self.directory}/none"\nclient_ca'),
            re.escape(f"{self.directory}/none"), "No such file")

    def test_in_a_pkcs12_file_with_another_password_or_none(self):
        right, wrong = self.encrypted()
        bundle = self.directory / "server.p12"
        run(POSTERN, "cert", "convert", "--to", "pkcs12", "--key", self.server.key,
            "--out-password-file", right, "--out", bundle, self.server.certificate)
        configuration = self.good.replace(str(self.server.certificate), str(bundle)).replace(
            f'private_key = "{self.server.key}"', "{}")
        self.assert_refused(configuration.replace("{}", ""), re.escape(str(bundle)),
                            "password_file|wrong password")
        self.assert_refused(configuration.replace("{}", f'password_file = "{wrong}"'),
                            re.escape(str(bundle)), "wrong password")
        self.write(configuration.replace("{}", f'password_file = "{right}"'))
        self.assertEqual(self.posternd("--check").returncode, 0)


class AConfiguration(StartTest):
    def test_that_is_missing(self):
        done = run(POSTERND, "--config", self.directory / "none.toml", ok=None)
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 1), done)
        self.assertIn(f"{self.directory}/none.toml", done.stderr)

    def test_that_is_not_toml(self):
        self.assert_refused(self.good + "\nname = = 1\n")
        self.assert_refused(self.good + "\nname = = 1\n", self.place("= ="))

    def test_with_an_unknown_key_names_the_nearest(self):
        for wrong, right in (("hots =", "host"), ("clientca =", "client_ca"),
                             ("[[listener.rout]]", "route")):
            with self.subTest(wrong=wrong):
                text = {"hots =": self.good.replace("host =", wrong),
                        "clientca =": self.good.replace("client_ca =", 'client_ca = ["ca.crt"]\n'
                                                        + wrong),
                        "[[listener.rout]]": self.good + "\n[[listener.rout]]\n"}[wrong]
                self.write(text)
                name = wrong.strip("[] =").split(".")[-1]
                self.assert_refused(text, self.place(wrong), f'"?{name}"?', f'"{right}"')

    def test_that_requires_certificates_of_nobody(self):
        text = self.good.replace("client_ca", "# client_ca")
        self.write(text)
        self.assert_refused(text, self.place("[listener.tls]"), "client_ca", "missing")
        self.assert_refused(self.good.replace(f'["{self.pki.ca}"]', "[]"), "client_ca")

    def test_that_trusts_pins_without_a_plugin_that_holds_them(self):
        self.assert_refused(tls_listener(self.pki, self.server, tls='trust = "pin"'), "trust",
                            "pinning")
        self.assert_refused(
            tls_listener(self.pki, self.server, tls='trust = "pin"', pipeline=pipeline(
                "pinning", 'mode = "observe"', pins=[self.pki.client().pin()])),
            "trust", "enforce")

    def test_that_goes_without_tls_where_others_reach_it(self):
        for host in ("0.0.0.0", "::", "192.0.2.1"):
            self.assert_refused(f'[[listener]]\nhost = "{host}"\nport = 0\nuse_tls = false\n'
                                + harness.BUILTIN_ROUTE, re.escape(f"{self.file}:"), "use_tls",
                                "loopback")

    def test_with_an_unreadable_authority(self):
        text = self.good.replace(str(self.pki.ca), str(self.server.key))
        self.assert_refused(text, re.escape(str(self.server.key)), "no certificate")

    def test_with_several_errors_says_each_on_a_line_of_its_own(self):
        self.write(self.good.replace("host =", "hots =").replace("client_ca", "# client_ca"))
        done = self.posternd("--check")
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 2), done)
        self.assertEqual(self.posternd().stderr, done.stderr)


class APlugin(StartTest):
    def entry(self, *arguments, **config):
        return tls_listener(self.pki, self.server, pipeline=pipeline(*arguments, **config))

    def test_without_pins(self):
        text = self.entry("pinning")
        self.write(text)
        self.assert_refused(text, self.place("[[listener.pipeline]]"), "pinning", "pin")

    def bad_crls(self):
        missing, garbage = self.directory / "none.pem", self.directory / "garbage.pem"
        garbage.write_text("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")
        for path, why in ((missing, "No such file"), (garbage, "CertificateList")):
            yield self.entry("revocation", crl_files=[path]), path, why

    def test_with_a_crl_that_cannot_be_read(self):
        for text, path, why in self.bad_crls():
            self.write(text)
            self.assert_refused(text, self.place("[[listener.pipeline]]"), "revocation",
                                re.escape(str(path)), why, check=False)

    def test_with_a_crl_that_cannot_be_read_fails_the_check_too(self):
        for text, path, _ in self.bad_crls():
            self.write(text)
            done = self.posternd("--check")
            self.assertEqual(done.returncode, 2)
            self.assertIn(str(path), done.stderr)

    def test_with_an_unknown_key(self):
        self.assert_refused(self.entry("ratelimit", max_connection_per_ip=5),
                            re.escape(f"{self.file}:"), "max_connection_per_ip",
                            '"max_connections_per_ip"')

    def test_that_is_missing(self):
        self.assert_refused(self.entry("pining"), re.escape(f"{self.file}:"),
                            re.escape(f"{BUILD}/plugins/pining.so"), "No such file")

    def test_that_others_could_write(self):
        copy = self.directory / "plugin.so"
        shutil.copyfile(BUILD / "plugins" / "validator.so", copy)
        copy.chmod(0o755)
        text = self.entry(str(copy))
        self.write(text)
        self.assertEqual(self.posternd("--check").returncode, 0)
        for mode in (0o757, 0o775):
            copy.chmod(mode)
            self.assert_refused(text, re.escape(str(copy)), "written by others", "chmod")
        copy.chmod(0o755)
        self.directory.chmod(0o777)
        self.assert_refused(text, re.escape(str(copy)), "folder", "written by others")

    def test_that_is_no_plugin(self):
        copy = self.directory / "plugin.so"
        copy.write_text("#!/bin/sh\n")
        self.assert_refused(self.entry(str(copy)), re.escape(str(copy)), "not an ELF file")


class TheCommandLine(StartTest):
    def test_with_something_unknown_is_one_line_and_exit_2(self):
        for options in (["--chek"], ["--config"], ["something"], ["--config", self.file, "more"]):
            done = run(POSTERND, *options, ok=None)
            self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 1), done)

    def test_names_the_versions(self):
        done = subprocess.run([POSTERND, "--version"], capture_output=True, text=True, check=True)
        self.assertRegex(done.stdout, r"\Aposternd \d+\.\d+\.\d+\nplugin ABI 1\.\d+\nGnuTLS 3\.")


if __name__ == "__main__":
    harness.main()
