// Writes contracts.json beside this file. usage: node compile.js   (needs the npm package solc; see README.md)
const fs = require("fs");
const path = require("path");
const solc = require("solc");
const source = fs.readFileSync(path.join(__dirname, "World.sol"), "utf8");
const output = JSON.parse(solc.compile(JSON.stringify({
  language: "Solidity",
  sources: { "World.sol": { content: source } },
  settings: {
    evmVersion: "paris",
    optimizer: { enabled: true, runs: 200 },
    metadata: { bytecodeHash: "none", appendCBOR: false },
    outputSelection: { "*": { "*": ["evm.bytecode.object", "evm.methodIdentifiers"] } },
  },
})));
for (const error of output.errors || []) console.error(error.formattedMessage);
const contracts = {};
for (const [name, found] of Object.entries(output.contracts["World.sol"]).sort()) {
  contracts[name] = { bytecode: "0x" + found.evm.bytecode.object, methods: found.evm.methodIdentifiers };
}
fs.writeFileSync(path.join(__dirname, "contracts.json"), JSON.stringify({ compiler: solc.version(), contracts }, null, 1) + "\n");
