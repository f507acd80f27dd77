// SPDX-License-Identifier: Apache-2.0 OR MIT
// The contracts of the scripted world. `contracts.json` is compiled from this file: see README.md.
pragma solidity 0.8.28;

// An ERC-20 token as most are.
contract Token {
    string public name;
    string public symbol;
    uint8 public decimals;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    constructor(string memory n, string memory s, uint8 d, uint256 supply) {
        (name, symbol, decimals) = (n, s, d);
        mint(msg.sender, supply);
    }

    function mint(address to, uint256 value) public {
        totalSupply += value;
        balanceOf[to] += value;
        emit Transfer(address(0), to, value);
    }

    function burn(uint256 value) external {
        totalSupply -= value;
        balanceOf[msg.sender] -= value;
        emit Transfer(msg.sender, address(0), value);
    }

    function approve(address spender, uint256 value) external returns (bool) {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        move(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        allowance[from][msg.sender] -= value;
        move(from, to, value);
        return true;
    }

    function move(address from, address to, uint256 value) internal virtual {
        balanceOf[from] -= value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
    }
}

// Keeps one in a hundred of every transfer.
contract FeeToken is Token {
    address collector = address(0xfee);

    constructor() Token("Toll", "TOLL", 18, 1e24) {}

    function move(address from, address to, uint256 value) internal override {
        uint256 fee = value / 100;
        super.move(from, collector, fee);
        super.move(from, to, value - fee);
    }
}

// As tokens were before the standard settled: a symbol of 32 bytes, a transfer that returns nothing.
contract OldToken {
    bytes32 public constant name = "Old Money";
    bytes32 public constant symbol = "OLD";
    uint256 public constant decimals = 6;
    mapping(address => uint256) public balanceOf;
    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor() {
        balanceOf[msg.sender] = 1e15;
        emit Transfer(address(0), msg.sender, 1e15);
    }

    function transfer(address to, uint256 value) external {
        require(balanceOf[msg.sender] >= value);
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
    }
}

// Every call goes to another contract's code, over this contract's own balances.
contract Proxy {
    address immutable code;

    constructor(address c) {
        code = c;
    }

    fallback() external payable {
        address c = code;
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), c, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(ok) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }
}

// A collection of single items.
contract Items {
    mapping(uint256 => address) public ownerOf;
    event Transfer(address indexed from, address indexed to, uint256 indexed id);

    function mint(address to, uint256 id) external {
        require(ownerOf[id] == address(0));
        ownerOf[id] = to;
        emit Transfer(address(0), to, id);
    }

    function transferFrom(address from, address to, uint256 id) external {
        require(ownerOf[id] == msg.sender && from == msg.sender);
        ownerOf[id] = to;
        emit Transfer(from, to, id);
    }
}

// Passes coins on, in ways that leave traces and no logs.
contract Forwarder {
    receive() external payable {}

    function forward(address payable to) external payable {
        (bool ok, ) = to.call{value: msg.value}("");
        require(ok);
    }

    // half goes to `to`; the other half is sent to `lost` inside a call that reverts and is caught, so it stays here
    function attempt(address payable to, address payable lost) external payable {
        (bool ok, ) = to.call{value: msg.value / 2}("");
        require(ok);
        try this.failing{value: msg.value / 4}(lost) {} catch {}
    }

    function failing(address payable to) external payable {
        (bool ok, ) = to.call{value: msg.value}("");
        require(ok);
        revert("caught outside");
    }

    // the whole transaction fails after value has moved inside of it
    function refuse(address payable to) external payable {
        (bool ok, ) = to.call{value: msg.value}("");
        require(ok);
        revert("refused");
    }

    // a contract that is born with value, and one that is born and ends in the same transaction
    function bear(address payable heir) external payable returns (address kept) {
        kept = address(new Mortal{value: msg.value / 2}());
        Mortal brief = new Mortal{value: msg.value / 4, salt: bytes32(block.number)}();
        brief.end(heir);
    }
}

contract Mortal {
    constructor() payable {}

    receive() external payable {}

    function end(address payable heir) external {
        selfdestruct(heir);
    }
}

// A pool of two tokens that emits what Uniswap's v2 pairs emit. The price is fixed: its mathematics are not tested.
contract Pool {
    Token public immutable token0;
    Token public immutable token1;
    event Swap(address indexed sender, uint256 amount0In, uint256 amount1In, uint256 amount0Out, uint256 amount1Out, address indexed to);
    event Sync(uint112 reserve0, uint112 reserve1);

    constructor(Token a, Token b) {
        (token0, token1) = (a, b);
    }

    function sell0(uint256 amount, address to) external {
        token0.transferFrom(msg.sender, address(this), amount);
        token1.transfer(to, 2 * amount);
        emit Swap(msg.sender, amount, 0, 0, 2 * amount, to);
        emit Sync(uint112(token0.balanceOf(address(this))), uint112(token1.balanceOf(address(this))));
    }
}
