"""The SDK's templates, built against an install prefix and nothing else, are checked, loaded by
their path and asked like every other plugin."""

import os
import re
import shutil
import subprocess
import unittest

import harness
from harness import BUILD, POSTERN, GateTest, Pki, pipeline, run, tls_listener, wait_until
from http_peers import Client, call, request


@unittest.skipUnless(shutil.which("cmake"), "there is no cmake")
class BuiltOutside(GateTest):
    def setUp(self):
        super().setUp()
        self.prefix = self.directory / "prefix"
        run("cmake", "--install", BUILD, "--component", "sdk", "--prefix", self.prefix, ok=True)
        self.pki = Pki(self.directory / "pki")
        self.server = self.pki.server()
        self.good, self.denied = self.pki.client("good"), self.pki.client("denied")

    def build(self, language):
        """Far from the source tree, whose headers must not be found."""
        source = self.directory / "work" / language
        shutil.copytree(self.prefix / "share/postern/templates" / language, source)
        build = source / "build"
        options = {"cwd": self.directory, "timeout": 240, "ok": True,
                   "env": {key: value for key, value in os.environ.items()
                           if key not in ("CFLAGS", "CXXFLAGS", "LDFLAGS", "CPATH")}}
        run("cmake", "-S", source, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}", **options)
        run("cmake", "--build", build, **options)
        return build / "denylist.so"

    def serial(self, credential):
        said = subprocess.run(["openssl", "x509", "-noout", "-serial", "-in",
                               str(credential.certificate)], capture_output=True, text=True,
                              check=True).stdout
        return re.fullmatch(r"serial=([0-9A-F]+)\n", said)[1].lower()

    def judge(self, language):
        plugin = self.build(language)
        run(POSTERN, "plugin", "check", plugin, ok=True)
        running = self.gate(tls_listener(self.pki, self.server, pipeline=pipeline("validator")
                                         + pipeline(plugin, serials=[self.serial(self.denied)])))
        with Client(running, self.pki, self.good) as client:
            answer = client.exchange(request(call())).json()["result"]["structuredContent"]
        self.assertEqual([each["plugin"] for each in answer["plugins"]], ["validator", "denylist"])
        with self.assertRaises((OSError, EOFError)):
            with Client(running, self.pki, self.denied) as client:
                client.exchange(request(call()))
        said = wait_until(lambda: running.find(message="connection refused"), "it is logged")[0]
        self.assertEqual((said["plugin"], said["reason"]), ("denylist", "policy"))
        self.assertIn("serial number", said["detail"])
        running.stop()

    def test_the_template_in_c(self):
        self.judge("c")

    def test_the_template_in_cpp(self):
        self.judge("cpp")

    def test_its_wrong_keys_are_told_with_their_place(self):
        plugin = self.build("cpp")
        for config, words in (({"serial": ["01"]}, "serial"), ({"serials": ["1"]}, "hex digits"),
                              ({"serials": 17}, "serials")):
            with self.subTest(config=config):
                with self.assertRaises(AssertionError):
                    self.gate(tls_listener(self.pki, self.server,
                                           pipeline=pipeline(plugin, **config)))
                running = self.gates[-1]
                self.assertEqual(running.process.returncode, 2)
                self.assertRegex(running.log_text(), re.escape(str(running.file)) + r":\d+:\d+: ")
                self.assertIn(words, running.log_text())
                running.log_file.unlink()
                running.process = None

    def test_one_that_others_could_have_written_is_refused(self):
        plugin = self.build("cpp")
        plugin.chmod(0o775)
        with self.assertRaises(AssertionError):
            self.gate(tls_listener(self.pki, self.server,
                                   pipeline=pipeline(plugin, serials=["01"])))
        self.assertEqual(self.gates[-1].process.returncode, 2)
        self.assertIn("can be written by others", self.gates[-1].log_text())


if __name__ == "__main__":
    harness.main()
